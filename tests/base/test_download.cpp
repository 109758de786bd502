// Downloads against a server that drops, stalls, truncates and lies.
#include <gmock/gmock.h>

#include "fathom/base/download.h"
#include "fathom/base/error.h"
#include "fathom/base/file_lock.h"
#include "fathom/base/log.h"
#include "tests/mischievous_server.h"

namespace fathom::tests {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::size_t kFileBytes = 300'000;

class Download : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    served_ = new TemporaryFolder;
    std::string content(kFileBytes, '\0');
    for (std::size_t i = 0; i < content.size(); ++i)
      content[i] = static_cast<char>(i * i / 7 % 251);
    write_file_atomically(*served_ / "file.bin", content);
    server_ = new MischievousServer(served_->path());
    // The oracle of checksums is coreutils.
    sha256_ = run_command({"sha256sum", *served_ / "file.bin"}).output.substr(0, 64);
    md5_ = run_command({"md5sum", *served_ / "file.bin"}).output.substr(0, 32);
  }
  static void TearDownTestSuite() {
    delete server_;
    delete served_;
  }

  PublishedFile file(const std::string& mode) const {
    return {.name = "file.bin",
            .url = server_->mode(mode) + "/file.bin",
            .bytes = kFileBytes,
            .sha256 = sha256_.substr(0, 8)};
  }
  static DownloadOptions quick() { return {.tries = 3, .first_wait = 0.01, .stall_seconds = 1}; }

  fs::path get(const std::string& mode) const { return fetch(file(mode), folder_.path(), quick()); }
  std::string failure(const std::string& mode) const {
    return error_of([&] { get(mode); });
  }
  bool is_right() const { return read_file(final_name()) == read_file(*served_ / "file.bin"); }
  fs::path final_name() const { return folder_ / "file.bin"; }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      found.push_back(entry.path().filename());
    }
    return found;
  }

  static inline TemporaryFolder* served_ = nullptr;
  static inline MischievousServer* server_ = nullptr;
  static inline std::string sha256_, md5_;
  TemporaryFolder folder_;
};

TEST_F(Download, BringsTheFileAndLeavesNothingElse) {
  EXPECT_EQ(get("good"), final_name());
  EXPECT_TRUE(is_right());
  EXPECT_THAT(names(), ElementsAre("file.bin"));
  EXPECT_THAT(server_->requests("good"), ElementsAre("  200"));
  get("good");
  EXPECT_EQ(server_->requests("good").size(), 1U) << "what is there and right is not fetched again";
}

TEST_F(Download, ReplacesAFileOfThatNameThatIsNotTheOne) {
  write_file_atomically(final_name(), "something else");
  get("good");
  EXPECT_TRUE(is_right());
}

TEST_F(Download, GoesOnWhereTheConnectionDropped) {
  get("drop");
  EXPECT_TRUE(is_right());
  EXPECT_THAT(server_->requests("drop"),
              ElementsAre("  200", "bytes=100000- \"one\" 206", "bytes=166666- \"one\" 206"));
}

TEST_F(Download, GoesOnInANewProcess) {
  const std::string message = failure("dribble");
  EXPECT_THAT(message, HasSubstr("goes on at byte 3000"));
  EXPECT_EQ(fs::file_size(folder_ / "file.bin.part"), 3000U);
  EXPECT_FALSE(fs::exists(final_name()));
  get("good");
  EXPECT_TRUE(is_right());
  EXPECT_EQ(server_->requests("good").back(), "bytes=3000- \"one\" 206");
}

TEST_F(Download, FinishesAPartFileThatIsComplete) {
  fs::copy_file(*served_ / "file.bin", folder_ / "file.bin.part");
  const std::size_t before = server_->requests("good").size();
  get("good");
  EXPECT_TRUE(is_right());
  EXPECT_EQ(server_->requests("good").size(), before);

  fs::rename(final_name(), folder_ / "file.bin.part");
  PublishedFile unsized = file("good");
  unsized.bytes = 0;
  fetch(unsized, folder_.path(), quick());
  EXPECT_TRUE(is_right());
  EXPECT_EQ(server_->requests("good").back(), "bytes=300000-  416");
}

TEST_F(Download, StartsAgainWhenWhatIsThereIsOfAnotherFile) {
  write_file_atomically(folder_ / "file.bin.part", std::string(1000, 'x'));
  get("good");
  EXPECT_TRUE(is_right());
  write_file_atomically(final_name(), "");
  write_file_atomically(folder_ / "file.bin.part", std::string(kFileBytes + 1, 'x'));
  get("good");
  EXPECT_TRUE(is_right());
}

TEST_F(Download, TriesAStalledTransferAgain) {
  std::string warning;
  set_log_sink([&](LogLevel, const std::string& message) { warning = message; });
  get("stall");
  set_log_sink({});
  EXPECT_TRUE(is_right());
  EXPECT_THAT(warning, AllOf(HasSubstr("too slow"), HasSubstr("trying again from byte 50")));
  EXPECT_THAT(server_->requests("stall"), ElementsAre("  200", "bytes=50- \"one\" 206"));
}

TEST_F(Download, BearsAServerWithoutRanges) {
  get("norange");
  EXPECT_TRUE(is_right());
  EXPECT_THAT(server_->requests("norange"), ElementsAre("  200", "bytes=150000- \"one\" 200"));
}

TEST_F(Download, BearsAServerThatAnswersWithAnotherRange) {
  get("elsewhere");
  EXPECT_TRUE(is_right());
  EXPECT_THAT(server_->requests("elsewhere"),
              ElementsAre("  200", "bytes=150000- \"one\" 206", "  200"));
}

TEST_F(Download, DoesNotMixTwoVersions) {
  get("changed");
  EXPECT_TRUE(is_right());
  EXPECT_THAT(server_->requests("changed"), ElementsAre("  200", "bytes=150000- \"old\" 200"));
}

TEST_F(Download, WaitsOutAServerThatIsBusy) {
  get("busy");
  EXPECT_TRUE(is_right());
}

TEST_F(Download, FollowsARedirect) {
  get("moved");
  EXPECT_TRUE(is_right());
}

TEST_F(Download, RefusesWrongBytes) {
  EXPECT_THAT(failure("wrong"), AllOf(HasSubstr("not the published file: its SHA-256 is "),
                                      HasSubstr("stated is " + sha256_.substr(0, 8) + "...")));
  EXPECT_EQ(server_->requests("wrong").size(), 1U);
  EXPECT_THAT(names(), ElementsAre("file.bin.lock"));
  PublishedFile by_md5 = file("wrong");
  by_md5.sha256.clear();
  by_md5.md5 = md5_;
  EXPECT_THAT(error_of([&] { fetch(by_md5, folder_.path(), quick()); }),
              HasSubstr("stated is " + md5_));
  by_md5.url = file("good").url;
  fetch(by_md5, folder_.path(), quick());
  EXPECT_TRUE(is_right());
}

TEST_F(Download, RefusesALengthThatIsNotTheStatedOne) {
  EXPECT_THAT(failure("long"),
              HasSubstr("the server has 301000 bytes; the published file has 300000"));
  EXPECT_THAT(failure("short"), HasSubstr("the server has 299000 bytes"));
  EXPECT_THAT(failure("endless"), HasSubstr("sends more than 300000 bytes"));
  EXPECT_FALSE(fs::exists(final_name()));
}

TEST_F(Download, BoundsAFileOfUnknownSize) {
  PublishedFile unsized = file("endless");
  unsized.bytes = 0;
  DownloadOptions options = quick();
  options.max_bytes = 1'000'000;
  EXPECT_THAT(error_of([&] { fetch(unsized, folder_.path(), options); }),
              HasSubstr("sends more than 1000000 bytes"));
  EXPECT_EQ(fs::file_size(folder_ / "file.bin.part"), 0U);
  unsized.url = file("long").url;  // the connection ends before the promised end
  fetch(unsized, folder_.path(), options);
  EXPECT_TRUE(is_right()) << "asked for more, the server says that there is none";
}

TEST_F(Download, RefusesOtherProtocolsAndRedirectsWithoutEnd) {
  EXPECT_THAT(failure("tofile"), HasSubstr("file"));
  EXPECT_EQ(server_->requests("tofile").size(), 1U);
  EXPECT_THAT(failure("loop"), HasSubstr("redirects"));
  EXPECT_EQ(server_->requests("loop").size(), 6U);
  EXPECT_FALSE(fs::exists(final_name()));
}

TEST_F(Download, GivesUpOnErrorsAndSaysWhatToFetchByHand) {
  EXPECT_THAT(failure("missing"),
              AllOf(StartsWith(server_->mode("missing") + "/file.bin: "), HasSubstr("404"),
                    HasSubstr("By hand: get file.bin from " + server_->mode("missing")),
                    HasSubstr("300000 bytes, SHA-256 " + sha256_.substr(0, 8)),
                    HasSubstr("--from FOLDER")));
  EXPECT_EQ(server_->requests("missing").size(), 1U);
  EXPECT_THAT(failure("broken"), AllOf(HasSubstr("500"), HasSubstr("3 tries")));
  EXPECT_EQ(server_->requests("broken").size(), 3U);
}

TEST_F(Download, SaysAtOnceWhenNothingCanBeReached) {
  PublishedFile away = file("good");
  away.url = "http://127.0.0.1:1/file.bin";
  DownloadOptions patient;
  patient.first_wait = 1000;
  EXPECT_THAT(error_of([&] { fetch(away, folder_.path(), patient); }), HasSubstr("By hand"));
}

TEST_F(Download, TakesAFileFromAFolderOrAMirror) {
  DownloadOptions options = quick();
  options.from = served_->path();
  EXPECT_EQ(fetch(file("missing"), folder_.path(), options), *served_ / "file.bin");
  EXPECT_THAT(names(), IsEmpty());
  options.from = server_->mode("good") + "/";
  EXPECT_EQ(fetch(file("missing"), folder_.path(), options), final_name());

  TemporaryFolder mirror;
  options.from = mirror.path();
  EXPECT_THAT(error_of([&] { fetch(file("good"), folder_.path(), options); }),
              AllOf(HasSubstr("file.bin: no such file"), HasSubstr("By hand")));
  write_file_atomically(mirror / "file.bin", std::string(kFileBytes, 'x'));
  EXPECT_THAT(error_of([&] { fetch(file("good"), folder_.path(), options); }),
              HasSubstr("not the published file"));
}

TEST_F(Download, NamesThePublisherOfAFileWithoutAddress) {
  PublishedFile homeless = file("good");
  homeless.url.clear();
  homeless.origin = "a package of the publisher's";
  EXPECT_THAT(error_of([&] { fetch(homeless, folder_.path(), quick()); }),
              HasSubstr("file.bin: has no address. By hand: get file.bin from a package of"));
}

TEST_F(Download, GoesThroughAProxy) {
  ::setenv("http_proxy", server_->mode("").c_str(), 1);
  PublishedFile far = file("good");
  far.url = "http://publisher.invalid/file.bin";
  fetch(far, folder_.path(), quick());
  ::unsetenv("http_proxy");
  EXPECT_TRUE(is_right());
}

TEST_F(Download, StopsWhenAskedToAndKeepsWhatCame) {
  DownloadOptions options = quick();
  options.first_wait = 100;
  options.progress = [](std::uint64_t done, std::uint64_t) { return done < 100'000; };
  PublishedFile dropped = file("drop");
  dropped.url += "?again";  // the server counts anew
  EXPECT_THROW(fetch(dropped, folder_.path(), options), Interrupted);
  EXPECT_EQ(fs::file_size(folder_ / "file.bin.part"), 100'000U);
}

TEST_F(Download, IsDoneByOneProcessAtATime) {
  const FileLock other(folder_ / "file.bin.lock");
  EXPECT_THAT(failure("good"), HasSubstr("being fetched by process " + std::to_string(::getpid())));
}

TEST(HumanBytes, CountsInPowersOfTen) {
  EXPECT_EQ(human_bytes(0), "0 bytes");
  EXPECT_EQ(human_bytes(999), "999 bytes");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(999'600), "1.0 MB");
  EXPECT_EQ(human_bytes(800'276'929), "800 MB");
  EXPECT_EQ(human_bytes(11'690'284'003), "11.7 GB");
}

}  // namespace
}  // namespace fathom::tests
