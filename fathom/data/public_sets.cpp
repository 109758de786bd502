#include "fathom/data/public_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fathom/base/error.h"

namespace fathom::data {
namespace {

PublishedFile zenodo(const std::string& record, const std::string& name) {
  return {.name = name,
          .url = "https://zenodo.org/records/" + record + "/files/" + name + "?download=1",
          .origin = "",
          .bytes = 0,
          .sha256 = "",
          .md5 = ""};
}

/// SHA-256 and bytes: TensorFlow Datasets, url_checksums/patch_camelyon.txt.
PublishedFile pcam_archive(const std::string& part, std::uint64_t bytes,
                           const std::string& sha256) {
  PublishedFile file = zenodo("2546921", "camelyonpatch_level_2_split_" + part + ".h5.gz");
  file.bytes = bytes;
  file.sha256 = sha256;
  return file;
}

/// MD5: the readme of the publisher, github.com/basveeling/pcam, in which valid and test are
/// exchanged (its issue 4, and torchvision's 6643).
PublishedFile pcam_slides(const std::string& part, const std::string& md5) {
  PublishedFile file = zenodo("2546921", "camelyonpatch_level_2_split_" + part + "_meta.csv");
  file.md5 = md5;
  return file;
}

PublicSet pcam() {
  return {.name = "pcam",
          .title = "PatchCamelyon: lymph node, 96 px, metastasis or not, 327,680 images (8 GB)",
          .licence = "CC0",
          .citation =
              "Veeling et al. 2018, arXiv:1806.03962; Ehteshami Bejnordi et al. 2017, "
              "doi:10.1001/jama.2017.14585",
          .files = {
              pcam_archive("train_x", 6'421'353'462,
                           "d619e741468a7ab35c7e4a75e6821b7e7e6c9411705d45708f2a0efc8960656c"),
              pcam_archive("train_y", 21'378,
                           "b74126d2c01b20d3661f9b46765d29cf4e4fba6faba29c8e0d09d406331ab75a"),
              pcam_slides("train", "5a3dd671e465cfd74b5b822125e65b0a"),
              pcam_archive("valid_x", 805'965'320,
                           "f82ee1670d027b4ec388048d9eabc2186b77c009655dae76d624c0ecb053ccb2"),
              pcam_archive("valid_y", 3'038,
                           "ce1ae30f08feb468447971cfd0472e7becd0ad96d877c64120c72571439ae48c"),
              pcam_slides("valid", "67589e00a4a37ec317f2d1932c7502ca"),
              pcam_archive("test_x", 800'875'929,
                           "79174c2201ad521602a5888be8f36ee10875f37403dd3f2086caf2182ef87245"),
              pcam_archive("test_y", 3'040,
                           "0a522005fccc8bbd04c5a117bfaf81d8da2676f03a29d7499f71d0a0bd6068ef"),
              pcam_slides("test", "3455fd69135b66734e1008f3af684566"),
          }};
}

/// MD5 and bytes as Zenodo's record 1214456 lists them; of the set without normalization the bytes
/// are known in round figures only.
PublicSet kather(const std::string& name, const std::string& title, const std::string& train,
                 std::uint64_t train_bytes, const std::string& train_md5) {
  PublicSet set{.name = name,
                .title = "colorectal tissue, 224 px, nine classes, 107,180 images" + title,
                .licence = "CC BY 4.0",
                .citation = "Kather, Halama, Marx 2018, doi:10.5281/zenodo.1214456",
                .files = {zenodo("1214456", train), zenodo("1214456", "CRC-VAL-HE-7K.zip")}};
  set.files[0].bytes = train_bytes;
  set.files[0].md5 = train_md5;
  set.files[1].bytes = 800'276'929;
  set.files[1].md5 = "2fd1651b4f94ebd818ebf90ad2b6ce06";
  return set;
}

PublicSet breakhis() {
  return {
      .name = "breakhis",
      .title = "BreaKHis: breast tumours, 40x to 400x, 7,909 images",
      .licence = "see publisher",
      .citation = "Spanhol et al. 2016, doi:10.1109/TBME.2015.2496264",
      .files = {},
      .by_hand =
          "its publisher states no checksum. Get BreaKHis_v1.tar.gz from "
          "https://web.inf.ufpr.br/vri/databases/"
          "breast-cancer-histopathological-database-breakhis/, unpack it by 'tar xzf', and name "
          "the folder in --data"};
}

/// A two-dimensional set of MedMNIST with one label an image.
struct MedmnistSet {
  const char* name;
  const char* title;
  std::array<const char*, 4> md5;  ///< in the order of kMedmnistSizes
};

constexpr std::array kMedmnistSizes = {28, 64, 128, 224};

/// MD5: medmnist/info.py, version 3.0.2, github.com/MedMNIST/MedMNIST.
constexpr std::array kMedmnist = {
    MedmnistSet{"pathmnist",
                "colorectal tissue, nine classes, 107,180 images",
                {"a8b06965200029087d5bd730944a56c1", "55aa9c1e0525abe5a6b9d8343a507616",
                 "ac42d08fb904d92c244187169d1fd1d9", "2c51a510bcdc9cf8ddb2af93af1eadec"}},
    MedmnistSet{"dermamnist",
                "skin lesions, seven classes, 10,015 images",
                {"0744692d530f8e62ec473284d019b0c7", "b70a2f5635c6199aeaa28c31d7202e1f",
                 "2defd784463fa5243564e855ed717de1", "8974907d8e169bef5f5b96bc506ae45d"}},
    MedmnistSet{"octmnist",
                "retinal OCT, four classes, 109,309 images",
                {"c68d92d5b585d8d81f7112f81e2d0842", "e229e9440236b774d9f0dfef9d07bdaf",
                 "0a97e76651ace45c5d943ee3f65b63ae", "abc493b6d529d5de7569faaef2773ba3"}},
    MedmnistSet{"pneumoniamnist",
                "chest X-ray of children, pneumonia or not, 5,856 images",
                {"28209eda62fecd6e6a2d98b1501bb15f", "8f4eceb4ccffa70c672198ea285246c6",
                 "05b46931834c231683c68f40c47b2971", "d6a3c71de1b945ea11211b03746c1fe1"}},
    MedmnistSet{"retinamnist",
                "fundus, five grades of retinopathy, 1,600 images",
                {"bd4c0672f1bba3e3a89f0e4e876791e4", "afda852cc34dcda56f86ad2b2457dbcc",
                 "e48e916a24454daf90583d4e6efb1a18", "eae7e3b6f3fcbda4ae613ebdcbe35348"}},
    MedmnistSet{"breastmnist",
                "breast ultrasound, malignant or not, 780 images",
                {"750601b1f35ba3300ea97c75c52ff8f6", "742edef2a1fd1524b2efff4bd7ba9364",
                 "363e4b3f8d712e9b5de15470a2aaadf1", "b56378a6eefa9fed602bb16d192d4c8b"}},
    MedmnistSet{"bloodmnist",
                "blood cells, eight classes, 17,092 images",
                {"7053d0359d879ad8a5505303e11de1dc", "2b94928a2ae4916078ca51e05b6b800b",
                 "adace1e0ed228fccda1f39692059dd4c", "b718ff6835fcbdb22ba9eacccd7b2601"}},
    MedmnistSet{"tissuemnist",
                "kidney cortex cells, eight classes, 236,386 images",
                {"ebe78ee8b05294063de985d821c1c34b", "123ece2eba09d0aa5d698fda57103344",
                 "61b955355d7425a89687b06cca3ce0c2", "b077128c4a949f0a4eb01517f9037b9c"}},
    MedmnistSet{"organamnist",
                "abdominal CT, axial, eleven organs, 58,830 images",
                {"68e3f8846a6bd62f0c9bf841c0d9eacc", "2dcccc29b88e6da5a01161ef20cda288",
                 "eeae80d0a227a8d099027e1b3cfd3b60", "50747347e05c87dd3aaf92c49f9f3170"}},
    MedmnistSet{"organcmnist",
                "abdominal CT, coronal, eleven organs, 23,583 images",
                {"b9ceb9546e10131b32923c5bbeaea2b1", "3ce34a8724ea6f548e6db4744d03b6a9",
                 "773c1f009daa3fe5d9a2a201b2a7ed94", "050f5e875dc056f6768abf94ec9995d1"}},
    MedmnistSet{"organsmnist",
                "abdominal CT, sagittal, eleven organs, 25,211 images",
                {"9ab87b696fb54e2a387ebe992d6ed5f1", "53a6d115339d874c25e309a994ff46d3",
                 "ded0c5fa01a95dc4978b956f613e9b8e", "b354719e553fbbb2513d5533f52a4cb1"}},
};

PublicSet medmnist(const MedmnistSet& row, std::size_t which) {
  const int size = kMedmnistSizes[which];
  const std::string name =
      row.name + (which == 0 ? std::string() : "_" + std::to_string(size));  // as published
  PublicSet set{.name = "medmnist:" + name,
                .title = std::to_string(size) + " px: " + row.title,
                .licence = std::string(row.name) == "dermamnist" ? "CC BY-NC 4.0" : "CC BY 4.0",
                .citation = "Yang et al. 2023, doi:10.1038/s41597-022-01721-8",
                .files = {zenodo("10519652", name + ".npz")},
                .data = name + ".npz"};
  set.files[0].md5 = row.md5[which];
  return set;
}

std::vector<PublicSet> make_table() {
  std::vector<PublicSet> table{
      pcam(),
      kather("kather", "", "NCT-CRC-HE-100K.zip", 11'690'284'003,
             "6fd702d11df6292bc054397ae038a464"),
      kather("kather:nonorm", ", training colours as they were (12.5 GB)",
             "NCT-CRC-HE-100K-NONORM.zip", 0, "035777cf327776a71a05c95da6d6325f"),
      breakhis()};
  for (const MedmnistSet& row : kMedmnist) {
    for (std::size_t which = 0; which < kMedmnistSizes.size(); ++which) {
      table.push_back(medmnist(row, which));
    }
  }
  return table;
}

}  // namespace

std::uint64_t PublicSet::bytes() const {
  std::uint64_t sum = 0;
  for (const PublishedFile& file : files) {
    if (file.bytes == 0) return 0;
    sum += file.bytes;
  }
  return sum;
}

std::string PublicSet::folder() const {
  std::string text = name.starts_with("medmnist:") ? name.substr(name.find(':') + 1) : name;
  std::ranges::replace(text, ':', '-');
  return text;
}

const std::vector<PublicSet>& public_sets() {
  static const std::vector<PublicSet> table = make_table();
  return table;
}

const PublicSet& find_public_set(const std::string& name) {
  const auto found = std::ranges::find(public_sets(), name, &PublicSet::name);
  if (found != public_sets().end()) return *found;
  std::vector<std::string> names, folders;
  for (const PublicSet& set : public_sets()) {
    names.push_back(set.name);
    folders.push_back(set.folder());
  }
  const Error unknown = unknown_name("public data set", name, names);
  const std::string folder = nearest_name(name, folders);  // "pathmnist" of medmnist:pathmnist
  if (!nearest_name(name, names).empty() || folder.empty()) throw unknown;
  const auto near = std::ranges::find(public_sets(), folder, &PublicSet::folder);
  throw Error(fmt::format("unknown public data set '{}'; did you mean '{}'?", name, near->name));
}

}  // namespace fathom::data
