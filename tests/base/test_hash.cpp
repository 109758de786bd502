#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/hash.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::HasSubstr;
using tests::error_of;

TEST(Hash, Sha256OfAbc) {  // FIPS 180-4, example B.1
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, Sha256InPiecesIsSha256OfTheWhole) {
  EXPECT_EQ(Sha256().update("a").update("bc").hex(), sha256_hex("abc"));
}

TEST(Hash, Sha256OfAFileOfSeveralBuffers) {
  const tests::TemporaryFolder folder;
  // One million "a" is a NIST test vector; the longer file also crosses the reader's buffer.
  write_file_atomically(folder / "million", std::string(1000000, 'a'));
  EXPECT_EQ(sha256_file(folder / "million"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  const std::string longer((3 << 20) + 5, 'b');
  write_file_atomically(folder / "longer", longer);
  EXPECT_EQ(sha256_file(folder / "longer"), sha256_hex(longer));
  write_file_atomically(folder / "empty", "");
  EXPECT_EQ(sha256_file(folder / "empty"), sha256_hex(""));
}

TEST(Hash, Md5OfAFile) {  // RFC 1321, A.5
  const tests::TemporaryFolder folder;
  write_file_atomically(folder / "abc", "abc");
  EXPECT_EQ(md5_file(folder / "abc"), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Hash, Sha256OfWhatIsNoFile) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { sha256_file(folder / "none"); }), HasSubstr("none: cannot read"));
  EXPECT_THAT(error_of([&] { sha256_file(folder.path()); }), HasSubstr(folder.path().string()));
}

TEST(Hash, Xxh3) {
  EXPECT_EQ(xxh3(""), 0x2d06800538d394c2U);  // xxHash's specification, XXH3_64bits, seed 0
  EXPECT_NE(xxh3("a"), xxh3("b"));
  EXPECT_EQ(hex(0x2aU), "000000000000002a");
}

}  // namespace
}  // namespace fathom
