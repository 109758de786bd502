#include "fathom/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"
#include "fathom/base/parallel.h"
#include "fathom/data/source.h"

namespace fathom::data {
namespace {
namespace fs = std::filesystem;

const Source& find_source(const std::string& data) {
  if (data.empty()) throw Error("data: no data set is given; give a folder or a CSV file");
  std::string kinds;
  for (const Source& source : sources()) {
    if (source.recognizes(data)) return source;
    kinds += "\n  " + source.name + ": " + source.description;
  }
  throw Error(fmt::format(
      "{}: {}. What can be read:{}", data,
      fs::exists(data) ? "not a known kind of data set" : "no such file or folder", kinds));
}

void sort_by_id(Dataset& dataset) {
  std::sort(dataset.samples.begin(), dataset.samples.end(),
            [](const Sample& a, const Sample& b) { return a.id < b.id; });
  std::sort(dataset.skipped.begin(), dataset.skipped.end(),
            [](const SkippedImage& a, const SkippedImage& b) { return a.id < b.id; });
}

void check_classes(const Dataset& dataset, const DataOptions& options) {
  if (dataset.classes.size() < 2) {
    throw Error(fmt::format(
        "{}: {}; at least two classes are needed", options.data,
        dataset.classes.empty() ? "no images" : "only one class, '" + dataset.classes[0] + "'"));
  }
  const auto& classes = dataset.classes;
  if (!options.positive.empty() &&
      std::find(classes.begin(), classes.end(), options.positive) == classes.end()) {
    throw Error("positive: " +
                std::string(unknown_name("class", options.positive, classes).what()));
  }
}

/// Decodes one image; returns why it could not be, or "".
std::string scan_sample(const Dataset& dataset, Sample& sample) {
  try {
    const image::Image image = load_image(dataset, sample);
    sample.hash = pixel_hash(image);
    sample.height = image.height;
    sample.width = image.width;
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

}  // namespace

std::string pixel_hash(const image::Image& image) {
  const std::array<std::int32_t, 2> size = {image.height, image.width};
  return Sha256()
      .update(std::as_bytes(std::span(size)))
      .update(std::as_bytes(std::span(image.rgb)))
      .hex();
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

Split split_from_name(const std::string& name) {
  static const std::map<std::string, Split> kNames = {
      {"train", Split::train},  {"training", Split::train},   {"valid", Split::valid},
      {"val", Split::valid},    {"validation", Split::valid}, {"test", Split::test},
      {"testing", Split::test}, {"none", Split::none}};
  std::string small = name;
  std::transform(small.begin(), small.end(), small.begin(), ::tolower);
  const auto found = kNames.find(small);
  if (found == kNames.end()) throw unknown_name("split", name, {"train", "valid", "test"});
  return found->second;
}

std::vector<Field> DataOptions::fields() {
  return {
      {"data", &data, "folder with one sub-folder per class, or CSV file (path,label,group,split)"},
      {"image_size", &image_size,
       "height and width of the network's input in pixels; 0 = as the images are", 0, 4096},
      {"positive", &positive, "class whose probability the binary AUC ranks; empty = the last"},
      {"valid_fraction", &valid_fraction,
       "share of the images for validation where the source names none", 0.01, 0.9},
      {"test_fraction", &test_fraction,
       "share of the images for the sealed test where the source names none", 0.01, 0.9},
      {"folds", &folds, "1 = one split; more = k-fold cross-validation", 1, 100},
      {"split_seed", &split_seed, "seed of the random splits", 0, 9e15},
      {"skip_bad", &skip_bad, "leave out images that cannot be read, and list them in the report"},
  };
}

Dataset open_dataset(const DataOptions& options) {
  const Source& source = find_source(options.data);
  Dataset dataset = source.open(options.data);
  const fs::path path = options.data;
  dataset.root = fs::is_directory(path) ? path : path.parent_path();
  if (dataset.root.empty()) dataset.root = ".";
  dataset.source = source.name;
  sort_by_id(dataset);
  check_classes(dataset, options);
  if (!dataset.skipped.empty()) {
    log_warning("{}: {} files are left out; the first: {}: {}", options.data,
                dataset.skipped.size(), dataset.skipped[0].id, dataset.skipped[0].reason);
  }
  return dataset;
}

void scan(Dataset& dataset, bool skip_bad) {
  std::vector<std::string> failures(dataset.samples.size());
  parallel_for(dataset.samples.size(),
               [&](std::size_t i) { failures[i] = scan_sample(dataset, dataset.samples[i]); });
  if (!skip_bad) refuse_bad_images(dataset, failures);
  std::vector<Sample> good;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (failures[i].empty()) {
      good.push_back(std::move(dataset.samples[i]));
    } else {
      dataset.skipped.push_back({dataset.samples[i].id, failures[i]});
    }
  }
  dataset.samples = std::move(good);
  sort_by_id(dataset);
  check_every_class_is_left(dataset);
}

image::Image load_image(const Dataset& dataset, const Sample& sample) {
  return image::decode_file(dataset.root / sample.id);
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
