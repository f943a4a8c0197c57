# Every outside library, once. A layer names the ones it may use in daemon/CMakeLists.txt.
find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
foreach(pair
        "event;libevent" "zmq;libzmq" "lmdb;lmdb" "protobufc;libprotobuf-c>=1.4" "sodium;libsodium"
        "utf8proc;libutf8proc" "config;libconfig" "jansson;jansson" "seccomp;libseccomp"
        "curl;libcurl" "ical;libical")
    list(GET pair 0 name)
    list(GET pair 1 module)
    pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
endforeach()
pkg_check_modules(systemd IMPORTED_TARGET libsystemd)
find_library(CSV_LIBRARY csv REQUIRED)
find_program(PROTOC_C NAMES protoc-c protoc REQUIRED)
