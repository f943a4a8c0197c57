# Compiler settings shared by every target. Options are set by the presets.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(CTPS_WERROR "Treat warnings as errors" OFF)
option(CTPS_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(CTPS_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")

include(CTest)
include(GNUInstallDirs)

add_library(ctps_flags INTERFACE)
target_compile_definitions(ctps_flags INTERFACE _GNU_SOURCE)
target_include_directories(ctps_flags INTERFACE ${CMAKE_SOURCE_DIR}/daemon ${CMAKE_SOURCE_DIR}/include)
target_compile_options(ctps_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough -Wnull-dereference
    -fno-common -fstack-protector-strong)
if(CTPS_WERROR)
    target_compile_options(ctps_flags INTERFACE -Werror)
endif()
if(CTPS_SANITIZE)
    target_compile_options(ctps_flags INTERFACE -fsanitize=${CTPS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(ctps_flags INTERFACE -fsanitize=${CTPS_SANITIZE})
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
    target_compile_definitions(ctps_flags INTERFACE _FORTIFY_SOURCE=2)
    target_link_options(ctps_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
