#include <gtest/gtest.h>

#include "fathom/base/base64.h"

namespace fathom {
namespace {

TEST(Base64, DecodesTheExamplesOfItsSpecification) {  // RFC 4648, section 10
  const std::vector<std::pair<std::string, std::string>> examples{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(base64_decoded(text), bytes);
  }
  const std::string all("\x00\xff\x10", 3);
  EXPECT_EQ(base64_decoded(base64(all)), all);
}

TEST(Base64, AnythingElseIsNotDecoded) {
  for (const char* text :
       {"Z", "Zg=", "Zg", "Zm9v\n", " Zm9v", "Zg==Zg==", "=Zm9", "Z===", "Zm9*"}) {
    EXPECT_EQ(base64_decoded(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fathom
