// doctest for tests that see libtorch: its headers bring glog's CHECK, which ends the program instead of failing a
// test.
#pragma once

#include <ATen/ATen.h>

#undef CHECK

#include <doctest/doctest.h>
