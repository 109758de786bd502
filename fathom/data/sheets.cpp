#include "fathom/data/sheets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "fathom/base/error.h"
#include "fathom/base/random.h"
#include "fathom/image/contact_sheet.h"
#include "fathom/image/corruption.h"
#include "fathom/image/stain.h"
#include "fathom/image/views.h"

namespace fathom::data {
namespace {

constexpr int kLargestCell = 128;  // pixels

struct Example {
  std::string title;
  image::Image stored, input;  ///< the input is what a network is given
  std::uint64_t id = 0;
};

/// scan() tells of images that cannot be read; here another one will do.
std::optional<Example> readable_example(const Dataset& dataset, const Sample& sample, int size) {
  try {
    Example example{.stored = load_image(dataset, sample), .input = load_input(dataset, sample)};
    if (size > 0) example.input = image::resize(example.input, size, size);
    example.title =
        fmt::format("{} ({})", dataset.classes[static_cast<std::size_t>(sample.label)], sample.id);
    example.id = image_id(sample.hash.empty() ? pixel_hash(example.stored) : sample.hash);
    return example;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::vector<Example> examples(const Dataset& dataset, std::size_t per_class, int size) {
  std::vector<std::size_t> order(dataset.samples.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(derive_seed(0, "sheet"));
  random.shuffle(std::span(order));
  std::vector<std::size_t> taken(dataset.classes.size());
  std::vector<Example> chosen;
  for (const std::size_t i : order) {
    const Sample& sample = dataset.samples[i];
    const auto label = static_cast<std::size_t>(sample.label);
    if (taken[label] >= per_class) continue;
    std::optional<Example> example = readable_example(dataset, sample, size);
    if (!example) continue;
    chosen.push_back(std::move(*example));
    ++taken[label];
  }
  std::ranges::stable_sort(chosen, {}, &Example::title);
  return chosen;
}

image::Image sheet_of(const std::vector<image::SheetRow>& rows) {
  int side = 1;
  for (const image::SheetRow& row : rows) side = std::max(side, row.images.front().height);
  return image::contact_sheet(rows, std::min(side, kLargestCell));
}

image::SheetRow normalized(const Example& example) {
  image::SheetRow row;
  std::vector<std::string> names;
  for (const image::StainMethod& method : image::stain_methods()) {
    names.push_back(method.name);
    row.images.push_back(method.apply(example.stored));
  }
  row.caption = fmt::format("{}: stain {}", example.title, fmt::join(names, ", "));
  return row;
}

image::SheetRow symmetries(const Example& example) {
  image::SheetRow row{"views 0 to 7: dihedral", {}};
  for (int view = 0; view < image::kDihedralViews; ++view) {
    row.images.push_back(image::dihedral_view(example.input, view));
  }
  return row;
}

image::SheetRow jittered(const Example& example, const image::ViewBank& bank) {
  image::SheetRow row{
      fmt::format("{}: the image, then views from {} on", bank.name, image::kDihedralViews),
      {example.input}};
  for (const int number : bank.views) {
    if (number < image::kDihedralViews) continue;
    row.images.push_back(image::view(example.input, bank, example.id, number));
  }
  return row;
}

}  // namespace

image::Image view_sheet(const Dataset& dataset, const StudyViews& study) {
  std::vector<image::SheetRow> rows;
  for (const Example& example : examples(dataset, 2, study.size)) {
    rows.push_back(normalized(example));
    rows.push_back(symmetries(example));
    for (const std::string& name : image::view_bank_names()) {
      const image::ViewBank bank = image::view_bank(name, study.jittered, study.seed);
      if (bank.views.back() >= image::kDihedralViews) rows.push_back(jittered(example, bank));
    }
  }
  return sheet_of(rows);
}

image::Image corruption_sheet(const Dataset& dataset, const StudyViews& study) {
  std::vector<image::SheetRow> rows;
  for (const Example& example : examples(dataset, 1, study.size)) {
    for (const image::Corruption& corruption : image::corruptions()) {
      rows.push_back({fmt::format("{}: {} ({:.3g})", example.title, corruption.name,
                                  fmt::join(corruption.amounts, ", ")),
                      {example.input}});
      for (int severity = 1; severity <= image::kSeverities; ++severity) {
        rows.back().images.push_back(
            image::corrupt(example.input, corruption, severity, example.id));
      }
    }
  }
  return sheet_of(rows);
}

}  // namespace fathom::data
