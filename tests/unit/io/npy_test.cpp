#include "workloads/io/npy.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/support/errors.h"
#include "workloads/io/npy_header.h"

using namespace rebasis;

namespace {

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Version 1.0 with exactly this header text.
std::string npy(const std::string& header, const std::string& data) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 0xFFU);
  bytes += static_cast<char>(header.size() >> 8U);
  return bytes + header + data;
}

std::string refusal(const std::string& bytes) {
  write_bytes("bad.npy", bytes);
  return test::bad_input([] { static_cast<void>(io::read_npy("bad.npy")); });
}

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a file as numpy.save writes it") {
  // numpy.save("x.npy", numpy.array([[1, -2, 3]], dtype=numpy.int16))
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 3), }";
  header.resize(117, ' ');
  header += '\n';
  write_bytes("x.npy", npy(header, std::string("\x01\x00\xFE\xFF\x03\x00", 6)));
  const auto tensor = std::get<Tensor<std::int16_t>>(io::read_npy("x.npy"));
  CHECK(tensor.shape == Shape{1, 3});
  CHECK(tensor.values == std::vector<std::int16_t>{1, -2, 3});
  CHECK(io::read_npy_float("x.npy").values == std::vector<float>{1, -2, 3});
}

TEST_CASE("Fortran order is turned into C order") {
  // [[1, 2, 3], [4, 5, 6]] stored column by column
  write_bytes("f.npy",
              npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3)}\n", std::string("\1\4\2\5\3\6", 6)));
  CHECK(io::read_npy_float("f.npy").values == std::vector<float>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("every type comes back as it was written, values aligned to 64 bytes") {
  io::write_npy("a.npy", Tensor<float>({2, 1}, {0.5F, -3}));
  CHECK(std::get<Tensor<float>>(io::read_npy("a.npy")).values == std::vector<float>{0.5F, -3});
  CHECK(read_bytes("a.npy").size() % 64 == 8);
  io::write_npy("a.npy", Tensor<double>({}, {2.5}));
  CHECK(std::get<Tensor<double>>(io::read_npy("a.npy")).shape.empty());
  io::write_npy("a.npy", Tensor<std::int64_t>({1}, {std::int64_t{1} << 40}));
  CHECK(std::get<Tensor<std::int64_t>>(io::read_npy("a.npy")).values[0] == std::int64_t{1} << 40);
  io::write_npy("a.npy", Tensor<std::int8_t>({3}, {-128, 0, 127}));
  CHECK(io::read_npy_integer<std::int8_t>("a.npy").values == std::vector<std::int8_t>{-128, 0, 127});
  io::write_npy("a.npy", Tensor<std::uint32_t>({1}, {4'000'000'000U}));
  CHECK(io::read_npy_integer<std::int64_t>("a.npy").values[0] == 4'000'000'000);
  io::write_npy("a.npy", Tensor<std::uint8_t>({0, 5}, {}));
  CHECK(io::read_npy_float("a.npy").shape == Shape{0, 5});
}

TEST_CASE("integers are never rounded or wrapped") {
  io::write_npy("wide.npy", Tensor<std::int32_t>({3}, {1, 2, 200}));
  CHECK(mentions(test::bad_input([] { static_cast<void>(io::read_npy_integer<std::int8_t>("wide.npy")); }),
                 "element 2 is 200"));
  io::write_npy("real.npy", Tensor<float>({1}, {1}));
  CHECK(mentions(test::bad_input([] { static_cast<void>(io::read_npy_integer<std::int8_t>("real.npy")); }), "float32"));
}

TEST_CASE("damaged and hostile files are refused with what is wrong") {
  const std::string data(8, '\0');
  CHECK(mentions(refusal(""), "magic"));
  CHECK(mentions(refusal("\x93NUMPX"), "magic"));
  CHECK(mentions(refusal(std::string("\x93NUMPY\x09\x00\x10\x00", 10) + data), "version 9"));
  CHECK(mentions(refusal(std::string("\x93NUMPY\x01\x00\xFF\xFF", 10) + data), "truncated"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", data)), "12 bytes"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", data)), "4 bytes"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", data)),
                 "elements"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", data)), "shape"));
  CHECK(mentions(refusal(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", data)), "'>f4'"));
  CHECK(mentions(refusal(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", data)), "'|O'"));
  CHECK(mentions(refusal(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", data)), "structured"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'shape': (2,)}", data)), "fortran_order"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}", data)), "fortran_order"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", data)), "'x'"));
  CHECK(mentions(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} tail", data)), "after"));
  CHECK(mentions(test::bad_input([] { static_cast<void>(io::read_npy("nowhere.npy")); }), "nowhere.npy"));
}

TEST_CASE("every truncation of a good file is refused") {
  io::write_npy("whole.npy", Tensor<float>({3}, {1, 2, 3}));
  const std::string whole = read_bytes("whole.npy");
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK(mentions(refusal(whole.substr(0, length)), "bad.npy"));
}
