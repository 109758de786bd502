// Arrays in .npz files, written by numpy.
#include <gmock/gmock.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/containers/npz.h"
#include "tests/containers/container_files.h"
#include "tests/faults.h"

namespace fathom::containers {
namespace {

using testing::HasSubstr;

TEST(Npz, GivesTheArraysThatNumpyWrote) {
  for (const std::string name : {"stored.npz", "deflated.npz", "fortran.npz"}) {
    const NpyArray array = NpzFile(written_containers("arrays") / name).read("x");
    EXPECT_EQ(array.header.shape, (std::vector<std::uint64_t>{kRows, 6, 5, 3}));
    EXPECT_EQ(std::string(array.values.begin(), array.values.end()),
              read_file(written_containers("arrays") / "expected.bin"));
  }
  const NpzFile numbers(written_containers("arrays") / "stored.npz");
  EXPECT_EQ(numbers.names(), (std::vector<std::string>{"x", "one", "four", "eight", "two"}));
  EXPECT_EQ(numbers.header("two").type, "<u2");
  EXPECT_EQ(numbers.read("one").number(0), 253);
  EXPECT_EQ(numbers.read("two").number(0), 60000);
  EXPECT_EQ(numbers.read("four").number(0), -3);
  EXPECT_EQ(numbers.read("four").number(2), 70000);
  EXPECT_EQ(numbers.read("eight").number(0), -3);
  EXPECT_THAT(tests::error_of([&] { numbers.read("nine"); }),
              HasSubstr("stored.npz: array 'nine': missing"));
}

TEST(Npz, ValuesThatDoNotFitIntoMemoryAreAnError) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer ends the process where memory ends";
#endif
  const NpzFile file(written_containers("huge") / "huge.npz");
  const tests::LittleMemory little(64 << 20);
  EXPECT_THAT(
      tests::error_of([&] { file.read("train_images"); }),
      HasSubstr("huge.npz: array 'train_images': its 17179869184 bytes of values do not fit "
                "into memory"));
}

/// A .npy header of version 1 around a dictionary.
std::string npy(const std::string& dictionary) {
  const std::size_t size = dictionary.size();
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(size & 0xff) +
         static_cast<char>(size >> 8) + dictionary;
}

TEST(Npz, HeadersAreReadAsNumpyWritesThemAndNoOther) {
  const std::string good = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 28, 28), }   \n";
  EXPECT_EQ(read_npy_header(npy(good), "x").shape, (std::vector<std::uint64_t>{3, 28, 28}));
  EXPECT_EQ(read_npy_header(npy(good) + "values", "x").bytes, npy(good).size());
  EXPECT_EQ(read_npy_header(npy("{'shape':(7,),'descr':'<i8','fortran_order':False}"), "x").type,
            "<i8");
  for (std::size_t cut = 0; cut < npy(good).size(); ++cut) {
    EXPECT_NE(tests::error_of([&] { read_npy_header(npy(good).substr(0, cut), "x"); }), "");
  }
  const std::vector<std::string> bad = {
      "",
      "{}",
      "{'descr': '|u1', 'fortran_order': False}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-3,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), 'x': 1}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)} print()",
      "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (3,)}",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (3,)}",
      "{'descr': '|u1, 'fortran_order': False, 'shape': (3,)}"};
  for (const std::string& header : bad) {
    EXPECT_THAT(tests::error_of([&] { read_npy_header(npy(header), "x"); }),
                HasSubstr("not as numpy writes it"))
        << header;
  }
  EXPECT_THAT(tests::error_of([&] { read_npy_header(npy(std::string(5000, ' ')), "x"); }),
              HasSubstr("a .npy header of 5000 bytes; at most 4096"));
}

}  // namespace
}  // namespace fathom::containers
