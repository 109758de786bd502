#include <gtest/gtest.h>

#include "fathom/base/hash.h"

namespace fathom {

TEST(Hash, Sha256OfAbc) {  // FIPS 180-4, example B.1
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, Sha256InPiecesIsSha256OfTheWhole) {
  EXPECT_EQ(Sha256().update("a").update("bc").hex(), sha256_hex("abc"));
}

}  // namespace fathom
