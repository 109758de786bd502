#include "fathom/data/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/base/parallel.h"
#include "fathom/data/cleared.h"
#include "fathom/data/contents.h"
#include "fathom/data/counts.h"
#include "fathom/data/dicom_instances.h"
#include "fathom/data/listing.h"
#include "fathom/data/look_alikes.h"
#include "fathom/data/source.h"
#include "fathom/image/stain.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

/// A source and why it is taken.
struct Choice {
  const Source& source;
  std::string reason;
};

Choice named_source(const std::string& name) {
  std::vector<std::string> names;
  for (const Source& source : sources()) {
    if (source.name == name) return {source, "the setting 'source' says so"};
    names.push_back(source.name);
  }
  throw Error("source: " + std::string(unknown_name("source", name, names).what()));
}

Choice find_source(const DataOptions& options) {
  const std::string& data = options.data;
  if (data.empty()) throw Error("data: no data set is given; give a folder or a file");
  std::error_code ignored;  // a name that is too long, for example
  const bool exists = fs::exists(data, ignored);
  if (exists && !options.source.empty()) return named_source(options.source);
  std::string kinds;
  for (const Source& source : sources()) {
    std::string reason = source.recognize(data);
    if (!reason.empty()) return {source, std::move(reason)};
    kinds += "\n  " + source.name + ": " + source.layout;
  }
  throw Error(fmt::format("{}: {}. What can be read:{}", data,
                          exists ? "not a known kind of data set" : "no such file or folder",
                          kinds));
}

void check_classes(const Dataset& dataset, const DataOptions& options) {
  if (dataset.classes.size() < 2) {
    throw Error(fmt::format(
        "{}: {}; at least two classes are needed{}{}", options.data,
        dataset.classes.empty() ? "no images" : "only one class, '" + dataset.classes[0] + "'",
        dataset.cautions.empty() ? "" : "\n  ", fmt::join(dataset.cautions, "\n  ")));
  }
  const auto& classes = dataset.classes;
  if (!options.positive.empty() &&
      std::find(classes.begin(), classes.end(), options.positive) == classes.end()) {
    throw Error("positive: " +
                std::string(unknown_name("class", options.positive, classes).what()));
  }
}

/// Decodes one image; returns why it could not be, or "".
std::string scan_sample(const Dataset& dataset, Sample& sample, image::Fingerprint& print) {
  try {
    const image::Image image = load_image(dataset, sample);
    sample.hash = pixel_hash(image);
    sample.height = image.height;
    sample.width = image.width;
    print = image::fingerprint(image);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void refuse_bad_images(const Dataset& dataset, const std::vector<std::string>& failures) {
  const auto bad = std::count_if(failures.begin(), failures.end(),
                                 [](const std::string& failure) { return !failure.empty(); });
  if (bad == 0) return;
  const auto first = std::find_if(failures.begin(), failures.end(),
                                  [](const std::string& failure) { return !failure.empty(); });
  throw Error(fmt::format(
      "{}\n{} of {} images cannot be read{}. Repair or remove them, or leave them out with "
      "skip_bad (--skip-bad)",
      *first, bad, dataset.samples.size(), bad == 1 ? "" : "; this is the first"));
}

/// The first of equal images -> the others.
using Copies = std::map<std::size_t, std::vector<std::size_t>>;

/// For every image its families in Dataset::cleared, by number; a copy's are those of the first of
/// the equal images. Nothing where none are cleared.
ClearedFamilies cleared_families(const Dataset& dataset, const Copies& copies) {
  if (dataset.cleared.empty()) return {};
  std::map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) place[dataset.samples[i].id] = i;
  for (const auto& [first, others] : copies) {
    for (const std::size_t copy : others) place[dataset.samples[copy].id] = first;
  }
  ClearedFamilies cleared(dataset.samples.size());
  for (std::size_t family = 0; family < dataset.cleared.size(); ++family) {
    for (const std::string& id : dataset.cleared[family]) {
      const auto found = place.find(id);  // none where the image was left out
      if (found != place.end()) cleared[found->second].push_back(family);
    }
  }
  return cleared;
}

/// Families among one image of each set of equal ones; then the copies join their families.
void fill_look_alikes(Dataset& dataset, std::vector<image::Fingerprint>& prints) {
  Copies copies;
  for (const std::vector<std::size_t>& equal : exact_duplicates(dataset)) {
    copies[equal[0]].assign(equal.begin() + 1, equal.end());
    for (const std::size_t copy : copies[equal[0]]) prints[copy].plain = true;  // not looked at
  }
  dataset.look_alikes = find_look_alikes(prints, cleared_families(dataset, copies));
  for (std::vector<std::size_t>& family : dataset.look_alikes) {
    const std::size_t distinct = family.size();
    for (std::size_t i = 0; i < distinct; ++i) {
      const auto found = copies.find(family[i]);
      if (found == copies.end()) continue;
      family.insert(family.end(), found->second.begin(), found->second.end());
    }
    std::ranges::sort(family);
  }
}

std::vector<std::string> stain_names() {
  std::vector<std::string> names;
  for (const image::StainMethod& method : image::stain_methods()) names.push_back(method.name);
  return names;
}

void check_every_class_is_left(const Dataset& dataset) {
  for (std::size_t label = 0; label < dataset.classes.size(); ++label) {
    const bool left = std::any_of(
        dataset.samples.begin(), dataset.samples.end(),
        [label](const Sample& sample) { return sample.label == static_cast<int>(label); });
    if (!left) {
      throw Error(fmt::format("{}: no image of class '{}' can be read", dataset.root.string(),
                              dataset.classes[label]));
    }
  }
}

/// Where the id stands before a reason, the file's path need not stand in it too.
std::string without_prefix(const std::string& text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace

std::string pixel_hash(const image::Image& image) {
  const std::array<std::int32_t, 2> size = {image.height, image.width};
  return Sha256()
      .update(std::as_bytes(std::span(size)))
      .update(std::as_bytes(std::span(image.rgb)))
      .hex();
}

std::uint64_t image_id(const std::string& pixel_hash) {
  std::uint64_t id = 0;
  const char* digits = pixel_hash.data();
  const auto [end, problem] = std::from_chars(digits, digits + pixel_hash.size() / 4, id, 16);
  FATHOM_CHECK(problem == std::errc() && end == digits + 16);
  return id;
}

std::string split_name(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::valid:
      return "valid";
    case Split::test:
      return "test";
    case Split::none:
      break;
  }
  return "none";
}

Split split_of_folder(const std::string& name) {
  static const std::map<std::string, Split> kNames = {
      {"train", Split::train}, {"training", Split::train},   {"valid", Split::valid},
      {"val", Split::valid},   {"validation", Split::valid}, {"test", Split::test},
      {"testing", Split::test}};
  const auto found = kNames.find(internal::lower(name));
  return found == kNames.end() ? Split::none : found->second;
}

Split split_from_name(const std::string& name) {
  const Split split = split_of_folder(name);
  if (split == Split::none && internal::lower(name) != "none") {
    throw unknown_name("split", name, {"train", "valid", "test"});
  }
  return split;
}

std::vector<Field> DataOptions::fields() {
  return {
      {"data", &data,
       "folder with one sub-folder per class, CSV file (path,label,group,split), or a published "
       "data set as it is unpacked (docs/data-sources.md)"},
      {"source", &source, "the kind of data set; empty = found out from what lies there"},
      {"label_by", &label_by,
       "what to take as the class where the source knows more, such as subtype; empty = its class"},
      {"only", &only, "only images of which this holds, such as magnification=40; empty = all"},
      {"image_size", &image_size,
       "height and width in pixels that networks see images in; 0 = their own where all are square "
       "and of one size, else what the architecture is usually given",
       0, 4096},
      choice_field("stain", &stain, stain_names(),
                   "stain normalization of every image, for H&E: reinhard (2001), macenko (2009), "
                   "vahadane (2016)"),
      {"positive", &positive, "class whose probability the binary AUC ranks; empty = the last"},
      {"valid_fraction", &valid_fraction,
       "share of the images for validation where the source names none", 0.01, 0.9},
      {"test_fraction", &test_fraction,
       "share of the images for the sealed test where the source names none", 0.01, 0.9},
      {"folds", &folds, "1 = one split; more = k-fold cross-validation", 1, 100},
      {"repeats", &repeats, "how often the folds are cut anew, with other seeds", 1, 100},
      {"train_fractions", &train_fractions,
       "shares of the training part, in every class, groups whole, a smaller within a larger; "
       "several = a learning curve: every level is trained on each, and the answer is that of the "
       "largest",
       0.001, 1},
      {"external", &external,
       "NAME=PATH: data sets of another origin that every unit is scored on besides its own test; "
       "NAME=SOURCE:PATH where their kind is not the one found out"},
      {"external_classes", &external_classes,
       "NAME:THEIRS=OURS: classes of an external set under another name; nothing after the = "
       "leaves a class out"},
      {"split_file", &split_file,
       "CSV table with the part of every image (path,split_1,...), as --write-splits writes it"},
      {"cleared_look_alikes", &cleared_look_alikes,
       "CSV table (path,family), as --write-look-alikes writes it, of the families that people "
       "found to be different pictures: these are no leaks"},
      {"split_seed", &split_seed, "seed of the random splits", 0, 9e15},
      {"skip_bad", &skip_bad, "leave out images that cannot be read, and list them in the report"},
      {"strict", &strict,
       "refuse leaks: a group or images that look alike in two parts, images that are equal or "
       "look alike with different labels, groups written in two ways or that cut a DICOM patient "
       "or study, DICOM files that tell neither beside files that do, or nearly all of which name "
       "one patient, paths that tell a "
       "PatientID, and external sets that share images or groups with the study"},
  };
}

Dataset open_dataset(const DataOptions& options) {
  const Choice choice = find_source(options);
  Contents contents = choice.source.open(options.data);
  const fs::path path = options.data;
  const fs::path root = fs::is_directory(path) ? path : path.parent_path();
  const fs::path groups = root / internal::kGroupsFile;
  const bool is_file = !fs::is_directory(path);  // others may lie beside it
  if (choice.source.load == nullptr) internal::take_patients(contents, root, fs::exists(groups));
  if (fs::exists(groups)) internal::read_groups(contents, groups, is_file);
  internal::find_groups_written_twice(contents);
  internal::hide_patients(contents);
  internal::find_cut_patients(contents);
  const std::string about_groups = internal::about_groups(contents, choice.source, groups);
  internal::keep_only(contents, options.only);
  internal::label_by(contents, options.label_by);
  Dataset dataset = internal::to_dataset(std::move(contents));
  dataset.root = root.empty() ? "." : root;
  dataset.source = choice.source.name;
  dataset.recognized = choice.reason;
  dataset.stain = options.stain;
  dataset.about_groups = about_groups;
  check_classes(dataset, options);
  if (!options.cleared_look_alikes.empty()) read_cleared(dataset, options.cleared_look_alikes);
  if (!dataset.skipped.empty()) {
    log_warning("{}: left out: {}; the first: {}: {}", options.data,
                counted(dataset.skipped.size(), "file"), dataset.skipped[0].id,
                dataset.skipped[0].reason);
  }
  return dataset;
}

std::vector<image::Fingerprint> scan(Dataset& dataset, bool skip_bad) {
  std::vector<std::string> failures(dataset.samples.size());
  std::vector<image::Fingerprint> prints(dataset.samples.size());
  parallel_for(dataset.samples.size(), [&](std::size_t i) {
    failures[i] = scan_sample(dataset, dataset.samples[i], prints[i]);
  });
  if (!skip_bad) refuse_bad_images(dataset, failures);
  std::vector<Sample> good;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (failures[i].empty()) {
      prints[good.size()] = prints[i];
      good.push_back(std::move(dataset.samples[i]));
    } else {
      const std::string& id = dataset.samples[i].id;
      dataset.skipped.push_back(
          {id, without_prefix(failures[i], (dataset.root / id).string() + ": ")});
    }
  }
  prints.resize(good.size());
  dataset.samples = std::move(good);
  std::ranges::sort(dataset.skipped, {}, &SkippedImage::id);
  check_every_class_is_left(dataset);
  fill_look_alikes(dataset, prints);
  return prints;
}

image::Image load_image(const Dataset& dataset, const Sample& sample) {
  const auto source = std::ranges::find(sources(), dataset.source, &Source::name);
  if (source != sources().end() && source->load) return source->load(dataset.root, sample.id);
  return image::decode_file(dataset.root / sample.id);
}

image::Image load_input(const Dataset& dataset, const Sample& sample) {
  const image::Image image = load_image(dataset, sample);
  if (!sample.hash.empty() && pixel_hash(image) != sample.hash) {
    throw Error(fmt::format("{}: the image has changed since the study was planned", sample.id));
  }
  return image::normalize_stain(image, dataset.stain);
}

std::string input_hash(const Dataset& dataset, const Sample& sample) {
  if (dataset.stain == "none") return sample.hash;
  return sha256_hex(sample.hash + " " + dataset.stain);
}

std::vector<std::vector<std::size_t>> exact_duplicates(const Dataset& dataset) {
  std::map<std::string, std::vector<std::size_t>> by_hash;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const std::string& hash = dataset.samples[i].hash;
    if (!hash.empty()) by_hash[hash].push_back(i);
  }
  std::vector<std::vector<std::size_t>> duplicates;
  for (auto& [hash, indices] : by_hash) {
    if (indices.size() > 1) duplicates.push_back(std::move(indices));
  }
  std::sort(duplicates.begin(), duplicates.end());
  return duplicates;
}

}  // namespace fathom::data
