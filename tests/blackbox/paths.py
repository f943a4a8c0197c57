"""Where the programs under test are."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build_dir():
    """CTPS_BUILD_DIR or CTPS_BUILD, else build/release, else build/dev."""
    for name in ("CTPS_BUILD_DIR", "CTPS_BUILD"):
        if os.environ.get(name):
            return pathlib.Path(os.environ[name])
    release = ROOT / "build" / "release"
    return release if release.is_dir() else ROOT / "build" / "dev"


def program(relative):
    path = build_dir() / relative
    if not path.is_file():
        raise FileNotFoundError(f"{path}: build it first (cmake --build {build_dir()})")
    return path
