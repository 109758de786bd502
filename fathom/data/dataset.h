// What a data set is once its source has been read: classes, samples, groups, splits.
// Not pixels: those are read by load_image, one at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fathom/base/options.h"
#include "fathom/image/fingerprint.h"
#include "fathom/image/image.h"

namespace fathom::data {

enum class Split { none, train, valid, test };
std::string split_name(Split split);             ///< "train", "valid", "test", "none"
Split split_from_name(const std::string& name);  ///< throws Error; "val" means valid
/// The part that a folder is named after; none where its name is another.
Split split_of_folder(const std::string& name);

/// Whose an image is where Sample::group must not say so: compared in memory, never written.
struct HiddenNames {
  std::string patient;  ///< PatientID of its DICOM file
  std::string study;    ///< StudyInstanceUID of its DICOM file; "" where that is made up
  std::string group;    ///< what its group was called before it was given a number
};

struct Sample {
  /// Path relative to the root, with '/': unique, stable across machines. An image in a container
  /// has the container's path and its number: "train_x.h5#000123".
  std::string id;
  int label = 0;  ///< index into Dataset::classes
  std::string
      group;  ///< patient, slide, source tile: never cut by a split; "" = a group of its own
  bool group_is_made_up = false;  ///< by Fathom, so that its name means nothing in another set
  Split split = Split::none;      ///< as the source states it
  HiddenNames hidden;
  /// What people, or the data set, call its group; "" where neither has told one.
  const std::string& told_group() const { return group_is_made_up ? hidden.group : group; }
  // Filled by scan():
  std::string hash;  ///< SHA-256 of height, width and the decoded RGB pixels
  int height = 0;
  int width = 0;
};

struct SkippedImage {
  std::string id;
  std::string reason;
};

/// Why images of one patient may be in several groups, and which images.
struct GroupDoubt {
  /// Each of `images` may be of the same patient as each of `others`, which may be the same images.
  struct Suspects {
    std::vector<std::string> images, others;  ///< by Sample::id; some may not be in the data set
  };
  std::string text;  ///< a sentence, or several
  std::vector<Suspects> suspects;
};

struct Dataset {
  std::filesystem::path root;
  std::string source;                ///< the registered source that read it: "folder", "csv", ...
  std::string recognized;            ///< why that source was taken, in words after "because"
  std::vector<std::string> classes;  ///< sorted; numeric names in numeric order
  std::vector<Sample> samples;       ///< sorted by id
  std::vector<SkippedImage> skipped;
  std::string stain = "none";  ///< how load_input normalizes (image::stain_methods)
  bool has_groups = false;
  std::string about_groups;  ///< where the groups come from and how to give others, for errors
  bool has_splits = false;   ///< the source itself names train/valid/test
  /// What else the source knows of the images, with counts: facts["magnification"]["40"] = 1995.
  std::map<std::string, std::map<std::string, std::size_t>> facts;
  std::vector<std::string> cautions;     ///< sentences that whoever uses this set must read
  std::vector<std::string> leaks;        ///< further ones, which `strict` refuses
  std::vector<GroupDoubt> group_doubts;  ///< leaks where parts cut what they name
  /// The key (internal::spreadsheet_key) of the patient whom nearly all DICOM files name, as
  /// anonymised ones do; "" = none. Never written.
  std::string anonymous_patient;
  /// Families of images, by id, that scan() must not link for their likeness (cleared.h).
  std::vector<std::vector<std::string>> cleared;
  /// Filled by scan(): sets of images that look alike (look_alikes.h), as indices into samples;
  /// exact duplicates of members among them. Sets of exact duplicates alone are not listed.
  std::vector<std::vector<std::size_t>> look_alikes;
};

struct DataOptions {
  std::string data;             ///< a folder or a file that a source recognizes
  std::string source;           ///< a source's name; "" = the first that recognizes the data
  std::string label_by;         ///< what to take as class (a key of facts); "" = the source's
  std::string only;             ///< "NAME=VALUE": only images of which this holds; "" = all
  std::int64_t image_size = 0;  ///< pixels (study/input_size.h); 0 = chosen from the images
  std::string stain = "none";   ///< stain normalization of every image (image::stain_methods)
  std::string positive;         ///< the class whose probability the binary AUC ranks; "" = the last
  double valid_fraction = 0.15;
  double test_fraction = 0.2;
  std::int64_t folds = 1;    ///< 1 = one split; k > 1 = k-fold, each fold the test once
  std::int64_t repeats = 1;  ///< how often the folds are cut anew, with other seeds
  /// Shares of the training part to train on, each by itself (thin_training): a learning curve.
  std::vector<double> train_fractions = {1};
  std::int64_t split_seed = 0;
  /// "NAME=PATH" or "NAME=SOURCE:PATH": data sets of another origin that every unit is scored on
  /// (external.h).
  std::vector<std::string> external;
  /// "NAME:THEIRS=OURS": class names of an external set that differ; OURS empty leaves them out.
  std::vector<std::string> external_classes;
  std::string split_file;  ///< a table of parts (split_file.h) instead of cutting; "" = none
  std::string cleared_look_alikes;  ///< a table of look-alikes that are none (cleared.h); "" = none
  bool skip_bad = false;
  bool strict = false;  ///< leaks (leaks.h, external.h) are an error

  std::vector<Field> fields();
};

/// Reads the list of samples by the source that recognizes `options.data` (docs/data-sources.md).
/// A groups.csv (path,group) in the folder, or beside the file, gives the images their groups. No
/// image is decoded.
/// Throws Error: nothing there, one class only, missing columns, unknown labels, doubled rows.
Dataset open_dataset(const DataOptions& options);

/// Decodes every image once, in parallel, and fills hash, height, width and look_alikes. A broken
/// image is an Error naming the file, or with `skip_bad` moves to `skipped`. Returns the
/// fingerprints of the samples, about 4.1 KB each; those of equal images but the first are plain.
std::vector<image::Fingerprint> scan(Dataset& dataset, bool skip_bad);

/// SHA-256 over height, width and the RGB pixels: what scan() puts into Sample::hash.
std::string pixel_hash(const image::Image& image);

/// The first 64 bits of a pixel_hash: the number from which views and corruptions of the image are
/// drawn (image/views.h, image/corruption.h).
std::uint64_t image_id(const std::string& pixel_hash);

/// The image of one sample, as stored. Throws Error naming the file.
image::Image load_image(const Dataset& dataset, const Sample& sample);

/// What a network is given of one sample, before it is resized: its image with the stain normalized
/// as Dataset::stain says. Throws Error naming a file that cannot be read or whose pixels no longer
/// have the hash that scan() found.
image::Image load_input(const Dataset& dataset, const Sample& sample);

/// What tells the pixels of load_input from all others: the sample's hash, or where stains are
/// normalized a hash of it and of how. 64 hexadecimal digits, after scan().
std::string input_hash(const Dataset& dataset, const Sample& sample);

/// Exact duplicates (equal hash after scan): lists of indices into samples, each at least 2 long.
std::vector<std::vector<std::size_t>> exact_duplicates(const Dataset& dataset);

}  // namespace fathom::data
