// Public sets: what the table may say, and fetching sets of the same layouts that a test can make.
#include <gmock/gmock.h>

#include <set>

#include "fathom/base/error.h"
#include "fathom/base/file_lock.h"
#include "fathom/base/hash.h"
#include "fathom/data/public_sets.h"
#include "tests/data/fixtures.h"
#include "tests/mischievous_server.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// A set of the files of a folder, with their true sizes and checksums.
PublicSet set_of(const std::string& name, const fs::path& folder,
                 const std::vector<std::string>& files) {
  PublicSet set{.name = name, .title = name, .licence = "none", .citation = "nobody", .files = {}};
  for (const std::string& file : files) {
    set.files.push_back({.name = file,
                         .url = "http://127.0.0.1:1/" + file,
                         .bytes = fs::file_size(folder / file),
                         .sha256 = sha256_file(folder / file)});
  }
  return set;
}

class FetchPublicSet : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    published_ = new tests::TemporaryFolder;
    for (const char* kind : {"pcam", "medmnist"}) {
      tests::run_oracle("containers.py", {kind, published_->path()});
    }
    for (const std::string klass : {"ADI", "BACK", "DEB", "LYM", "TUM"}) {
      write_image(*published_ / ("NCT-CRC-HE-100K/" + klass + "/a.png"), 10);
      write_image(*published_ / ("CRC-VAL-HE-7K/" + klass + "/b.png"), 20);
    }
    for (const std::string part : {"NCT-CRC-HE-100K", "CRC-VAL-HE-7K"}) run_zip(part);
    for (const std::string& file : pcam_files()) {
      if (file.ends_with(".gz")) {
        tests::run_command({"gzip", "-k", *published_ / file.substr(0, file.size() - 3)});
      }
    }
    server_ = new tests::MischievousServer(published_->path());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete published_;
  }

  static void run_zip(const std::string& part) {
    const std::string make =
        "import os, shutil, sys; os.chdir(sys.argv[1]); "
        "shutil.make_archive(sys.argv[2], 'zip', '.', sys.argv[2])";
    tests::run_command({"/usr/bin/python3", "-c", make, published_->path(), part});
  }
  static std::vector<std::string> pcam_files() {
    std::vector<std::string> files;
    for (const std::string part : {"train", "valid", "test"}) {
      for (const std::string ending : {"_x.h5.gz", "_y.h5.gz", "_meta.csv"}) {
        files.push_back("camelyonpatch_level_2_split_" + part + ending);
      }
    }
    return files;
  }
  static PublicSet pcam() { return set_of("pcam", published_->path(), pcam_files()); }
  static PublicSet medmnist() {
    PublicSet set = set_of("medmnist:set", published_->path(), {"set.npz"});
    set.data = "set.npz";
    return set;
  }
  static DownloadOptions from(const std::string& where) {
    return {.from = where, .tries = 3, .first_wait = 0.01};
  }
  fs::path out() const { return folder_ / "out"; }
  std::string medmnist_error() const {
    return tests::error_of([&] { fetch_public_set(medmnist(), out(), from(published_->path())); });
  }

  static inline tests::TemporaryFolder* published_ = nullptr;
  static inline tests::MischievousServer* server_ = nullptr;
  tests::TemporaryFolder folder_;
};

TEST(PublicSets, EveryRowSaysWhatIsNeeded) {
  std::set<std::string> names, folders;
  for (const PublicSet& set : public_sets()) {
    EXPECT_TRUE(names.insert(set.name).second) << set.name;
    EXPECT_TRUE(folders.insert(set.folder()).second) << set.name;
    EXPECT_EQ(fs::path(set.folder()).filename(), set.folder());
    EXPECT_FALSE(set.title.empty() || set.licence.empty() || set.citation.empty()) << set.name;
    EXPECT_EQ(set.files.empty(), !set.by_hand.empty()) << set.name;
    std::set<std::string> files;
    for (const PublishedFile& file : set.files) {
      EXPECT_TRUE(files.insert(file.name).second) << file.name;
      EXPECT_THAT(file.url, MatchesRegex("https://zenodo.org/records/[0-9]+/files/" + file.name +
                                         "\\?download=1"));
      EXPECT_THAT(file.sha256 + file.md5, MatchesRegex("[0-9a-f]{32}|[0-9a-f]{64}")) << file.name;
    }
    EXPECT_TRUE(set.data.empty() || files.contains(set.data)) << set.name;
  }
  EXPECT_EQ(names.size(), 4U + 11 * 4);
}

TEST(PublicSets, AnUnknownNameIsAnsweredWithTheNearest) {
  EXPECT_EQ(find_public_set("medmnist:pathmnist_224").files[0].name, "pathmnist_224.npz");
  EXPECT_EQ(find_public_set("pcam").bytes(), 0U) << "the tables' sizes are not stated";
  EXPECT_EQ(find_public_set("kather").bytes(), 12'490'560'932U);
  EXPECT_THAT(tests::error_of([] { find_public_set("medmnist:pathmist"); }),
              HasSubstr("did you mean 'medmnist:pathmnist'?"));
  const auto without_prefix = [](const std::string& name) {
    return tests::error_of([&] { find_public_set(name); });
  };
  EXPECT_EQ(without_prefix("pathmnist"),
            "unknown public data set 'pathmnist'; did you mean 'medmnist:pathmnist'?");
  EXPECT_THAT(without_prefix("bloodmist_64"), HasSubstr("did you mean 'medmnist:bloodmnist_64'?"));
  EXPECT_THAT(without_prefix("camelyon"), HasSubstr("Allowed: pcam, kather"));
}

TEST(PublicSets, WhatCannotBeFetchedSaysWhereItIs) {
  const tests::TemporaryFolder folder;
  EXPECT_THAT(
      tests::error_of([&] { fetch_public_set(find_public_set("breakhis"), folder / "out", {}); }),
      AllOf(HasSubstr("no checksum"), HasSubstr("web.inf.ufpr.br"), HasSubstr("--data")));
}

TEST_F(FetchPublicSet, PcamIsReadAsPcam) {
  const fs::path data = fetch_public_set(pcam(), out(), from(server_->mode("drop")));
  EXPECT_EQ(data, out());
  const Dataset dataset = open_dataset(options_for(data));
  EXPECT_EQ(dataset.source, "pcam");
  EXPECT_EQ(dataset.samples.size(), 9U);
  EXPECT_EQ(dataset.samples.back().group, "slide_11");  // of valid, the last in order
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(out())) {
    if (entry.path().filename() == ".fathom-data-get") continue;
    EXPECT_THAT(entry.path().filename().string(), StartsWith("camelyonpatch_level_2_split_"));
    EXPECT_NE(entry.path().extension(), ".gz");
    ++files;
  }
  EXPECT_EQ(files, 9U);
  EXPECT_FALSE(fs::exists(folder_ / "out.part"));
}

TEST_F(FetchPublicSet, KatherIsReadAsKatherFromAFolder) {
  const PublicSet set =
      set_of("kather", published_->path(), {"NCT-CRC-HE-100K.zip", "CRC-VAL-HE-7K.zip"});
  fetch_public_set(set, out().string() + "/", from(published_->path()));
  const Dataset dataset = open_dataset(options_for(out()));
  EXPECT_EQ(dataset.source, "kather");
  EXPECT_EQ(dataset.samples.size(), 10U);
  EXPECT_TRUE(fs::exists(*published_ / "CRC-VAL-HE-7K.zip")) << "the user's own stays";
}

TEST_F(FetchPublicSet, MedmnistIsReadAsMedmnist) {
  const fs::path data = fetch_public_set(medmnist(), out(), from(published_->path()));
  EXPECT_EQ(data, out() / "set.npz");
  EXPECT_EQ(open_dataset(options_for(data)).source, "medmnist");
  EXPECT_TRUE(fs::exists(*published_ / "set.npz"));
}

TEST_F(FetchPublicSet, GoesOnWithWhatIsMissing) {
  PublicSet set = pcam();
  set.files[1].sha256 = sha256_hex("something else");
  EXPECT_THAT(tests::error_of([&] { fetch_public_set(set, out(), from(server_->mode("good"))); }),
              HasSubstr("not the published file"));
  EXPECT_FALSE(fs::exists(out()));
  EXPECT_EQ(server_->requests("good").size(), 2U);
  const std::string torn = ".camelyonpatch_level_2_split_train_y.h5.77.0.tmp";
  write_file_atomically(folder_ / ("out.part/" + torn), "x");
  fetch_public_set(pcam(), out(), from(server_->mode("good")));
  EXPECT_EQ(server_->requests("good").size(), 10U) << "the first file is not fetched again";
  EXPECT_FALSE(fs::exists(out() / torn));
  fetch_public_set(pcam(), out(), from(server_->mode("good")));
  EXPECT_EQ(server_->requests("good").size(), 10U) << "nor is anything that is there";
}

TEST_F(FetchPublicSet, LeavesAFolderOfTheUsersAlone) {
  write_file_atomically(out() / "mine.txt", "mine");
  EXPECT_THAT(medmnist_error(), HasSubstr("is there and does not hold medmnist:set"));
  fs::remove(out() / "mine.txt");
  write_file_atomically(folder_ / "out.part/my_thesis/chapter.tex", "mine");
  EXPECT_THAT(medmnist_error(), HasSubstr("out.part: is there and does not hold medmnist:set"));
  write_file_atomically(folder_ / "out.part/.fathom-data-get", "medmnist:set\n");
  EXPECT_THAT(medmnist_error(), HasSubstr("my_thesis: is no part of medmnist:set; move it away"));
  EXPECT_TRUE(fs::exists(folder_ / "out.part/my_thesis/chapter.tex"));
  fs::rename(folder_ / "out.part/my_thesis", folder_ / "my_thesis");
  {
    const FileLock other(folder_ / "out.part/.lock");
    EXPECT_THAT(medmnist_error(), HasSubstr("is at it"));
  }
  fetch_public_set(medmnist(), out(), from(published_->path()));
  EXPECT_TRUE(fs::exists(out() / "set.npz"));
  write_file_atomically(out() / "groups.csv", "path,group\n");
  fetch_public_set(medmnist(), out(), from(published_->path()));
  EXPECT_TRUE(fs::exists(out() / "groups.csv")) << "what is added later stays";
}

TEST_F(FetchPublicSet, TrustsNoFileForItsName) {
  write_file_atomically(out() / "set.npz", "torn");
  EXPECT_THAT(medmnist_error(), HasSubstr("out: is there and does not hold"));
  fs::rename(out(), folder_ / "out.part");
  EXPECT_THAT(medmnist_error(), HasSubstr("out.part: is there and does not hold"));
  write_file_atomically(folder_ / "out.part/.fathom-data-get", "medmnist:set\n");
  fetch_public_set(medmnist(), out(), from(published_->path()));
  EXPECT_EQ(sha256_file(out() / "set.npz"), medmnist().files[0].sha256);
  write_file_atomically(out() / "set.npz", "torn");
  EXPECT_THAT(medmnist_error(),
              AllOf(HasSubstr("set.npz: 4 bytes; the published file has"), HasSubstr("move")));
  write_file_atomically(out() / ".fathom-data-get", "another\n");
  EXPECT_THAT(medmnist_error(), HasSubstr("does not hold medmnist:set"));
}

TEST_F(FetchPublicSet, FillsTheFolderThatALinkNames) {
  fs::create_directory(folder_ / "disk");
  fs::create_directory_symlink(folder_ / "disk", out());
  fetch_public_set(medmnist(), out(), from(published_->path()));
  EXPECT_TRUE(fs::exists(folder_ / "disk/set.npz"));
  EXPECT_TRUE(fs::is_symlink(out()));
  fs::remove_all(folder_ / "disk");
  EXPECT_THAT(medmnist_error(), HasSubstr("a link to nothing"));
}

}  // namespace
}  // namespace fathom::data
