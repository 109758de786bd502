// A small data set on disk for every source of the table, by the source's name.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/data/fixtures.h"

namespace fathom::data {

struct SourceExample {
  /// Writes the data set into the folder; returns what --data would be.
  std::function<std::filesystem::path(const std::filesystem::path&)> write;
  std::size_t images = 0;
  std::vector<std::string> classes;
  std::size_t groups = 0;  ///< different ones; 0: none known
};

/// Writes an image of its own grey value for every name.
inline std::filesystem::path write_images(const std::filesystem::path& folder,
                                          const std::vector<std::string>& names) {
  int value = 0;
  for (const std::string& name : names) write_image(folder / name, ++value);
  return folder;
}

/// The same of real tissue, where the evaluation data are there.
inline std::filesystem::path write_pictures(const std::filesystem::path& folder,
                                            const std::vector<std::string>& names) {
  const std::filesystem::path pictures = tests::shared_path("data/colon_nuclei/images");
  if (!std::filesystem::exists(pictures)) return write_images(folder, names);
  int number = 0;
  for (const std::string& name : names) {
    write_file_atomically(folder / name, read_file(pictures / (std::to_string(++number) + ".png")));
  }
  return folder;
}

inline const std::map<std::string, SourceExample>& source_examples() {
  using Path = std::filesystem::path;
  static const std::map<std::string, SourceExample> examples = {
      {"folder",
       {[](const Path& folder) {
          write_file_atomically(folder / "groups.csv",
                                "path,group\na/x.png,s1\na/y.png,s2\nb/x.png,s1\n");
          return write_images(folder, {"a/x.png", "a/y.png", "b/x.png"});
        },
        3,
        {"a", "b"},
        2}},
      {"csv",
       {[](const Path& folder) {
          write_images(folder, {"x.png", "y.png"});
          write_file_atomically(folder / "m.csv", "path,label,group\nx.png,a,p\ny.png,b,q\n");
          return folder / "m.csv";
        },
        2,
        {"a", "b"},
        2}},
      {"breakhis",
       {[](const Path& folder) {
          const std::string benign = "benign/SOB/adenosis/";
          return write_pictures(folder / "BreaKHis_v1",
                                {benign + "SOB_B_A_14-22549AB/40X/SOB_B_A-14-22549AB-40-001.png",
                                 benign + "SOB_B_A_14-22549CD/100X/SOB_B_A-14-22549CD-100-001.png",
                                 "malignant/SOB/ductal_carcinoma/SOB_M_DC_14-2523/40X/"
                                 "SOB_M_DC-14-2523-40-010.png"});
        },
        3,
        {"benign", "malignant"},
        2}},
      {"idc",
       {[](const Path& folder) {
          return write_images(folder, {"10253/0/10253_idx5_x1001_y1001_class0.png",
                                       "10253/1/10253_idx5_x501_y351_class1.png",
                                       "8863/0/8863_idx5_x51_y1251_class0.png"});
        },
        3,
        {"0", "1"},
        2}},
      {"kather",
       {[](const Path& folder) {
          std::vector<std::string> names;
          for (const std::string tissue : {"ADI", "LYM", "MUS", "STR", "TUM"}) {
            names.push_back("NCT-CRC-HE-100K/" + tissue + "/" + tissue + "-AAAFLCLY.png");
            names.push_back("CRC-VAL-HE-7K/" + tissue + "/" + tissue + "-TCGA-AAICEQFN.png");
          }
          return write_images(folder, names);
        },
        10,
        {"ADI", "LYM", "MUS", "STR", "TUM"},
        0}},
      {"lc25000",
       {[](const Path& folder) {
          const std::string lung = "lung_colon_image_set/lung_image_sets/";
          const std::string colon = "lung_colon_image_set/colon_image_sets/";
          write_file_atomically(folder / "groups.csv",
                                "path,group\n" + lung + "lung_n/lungn1.png,7\n" + colon +
                                    "colon_n/colonn1.png,8\n" + colon + "colon_n/colonn2.png,8\n");
          return write_images(folder, {lung + "lung_n/lungn1.png", colon + "colon_n/colonn1.png",
                                       colon + "colon_n/colonn2.png"});
        },
        3,
        {"colon_n", "lung_n"},
        2}},
      {"kaggle_hcd",
       {[](const Path& folder) {
          write_file_atomically(folder / "train_labels.csv", "id,label\nf38a,0\nc18f,1\n");
          return write_images(folder, {"train/f38a.png", "train/c18f.png", "test/0b2e.png"});
        },
        2,
        {"0", "1"},
        0}},
      {"pcam",
       {[](const Path& folder) {
          tests::run_oracle("containers.py", {"pcam", folder.string()});
          return folder;
        },
        9,
        {"0", "1"},
        6}},
      {"dicom",
       {[](const Path& folder) {
          tests::run_oracle("dicom_cases.py", {"set", folder.string()});
          return folder;
        },
        6,
        {"benign", "malignant"},
        2}},
      {"medmnist",
       {[](const Path& folder) {
          tests::run_oracle("containers.py", {"medmnist", folder.string()});
          return folder / "set.npz";
        },
        9,
        {"0", "1", "2"},
        0}},
  };
  return examples;
}

}  // namespace fathom::data
