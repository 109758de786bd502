#include "fathom/train/views.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fathom/base/error.h"
#include "fathom/image/corruption.h"

namespace fathom::train {
namespace {

std::string describe(const image::ViewBank& bank) {
  const image::Jitter& j = bank.jitter;
  return fmt::format("jitter {} {} {} {} {} {} {} {} seed {}{}", j.stain, j.stain_shift,
                     j.brightness, j.contrast, j.saturation, j.hue, j.blur, j.zoom, bank.seed,
                     j.own_stains ? " own stains" : "");
}

std::string describe_corruptions() {
  std::string text = "corruptions";
  for (const image::Corruption& corruption : image::corruptions()) {
    text += fmt::format(" {} {}", corruption.name, fmt::join(corruption.amounts, " "));
  }
  return text;
}

}  // namespace

const std::vector<CorruptedView>& corrupted_views() {
  static const std::vector<CorruptedView> kViews = [] {
    std::vector<CorruptedView> views;
    for (const image::Corruption& corruption : image::corruptions()) {
      for (int severity = 1; severity <= image::kSeverities; ++severity) {
        const int number = kFirstCorruptedView + static_cast<int>(views.size());
        views.push_back({number, corruption.name, severity});
      }
    }
    FATHOM_CHECK(views.back().number < 256);  // a byte where boundaries are stored
    return views;
  }();
  return kViews;
}

Views::Views(const TrainOptions& options)
    : bank_(image::view_bank(options.augment, static_cast<int>(options.views),
                             static_cast<std::uint64_t>(options.view_seed))),
      jitter_(describe(bank_)) {}

image::Image Views::see(const image::Image& image, std::uint64_t image_id, int view) const {
  FATHOM_CHECK(image.height == image.width);
  if (view < kFirstCorruptedView) return image::view(image, bank_, image_id, view);
  const int index = view - kFirstCorruptedView;
  const auto& corruption =
      image::corruptions().at(static_cast<std::size_t>(index / image::kSeverities));
  return image::corrupt(image, corruption, index % image::kSeverities + 1, image_id);
}

const std::string& Views::meaning(int view) const {
  static const std::string kSymmetry, kCorruption = describe_corruptions();
  if (view < image::kDihedralViews) return kSymmetry;
  return view < kFirstCorruptedView ? jitter_ : kCorruption;
}

}  // namespace fathom::train
