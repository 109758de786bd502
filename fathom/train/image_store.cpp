#include "fathom/train/image_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "fathom/base/parallel.h"

namespace fathom::train {
namespace {

/// Images that are decoded between two looks at whether to go on.
constexpr std::size_t kLoadedTogether = 256;

/// n x size x size x 3 bytes seen by one view; image::dihedral_view is the definition.
torch::Tensor turned(const torch::Tensor& pixels, int view) {
  const torch::Tensor mirrored = view % 2 == 0 ? pixels : pixels.flip({2});
  return torch::rot90(mirrored, view / 2, {1, 2});
}

torch::Tensor index_tensor(std::span<const std::int64_t> indices) {
  return torch::tensor(at::ArrayRef<std::int64_t>(indices.data(), indices.size()), torch::kInt64);
}

/// x = pixel * scale + shift, per channel in the order of the preprocessing.
std::pair<torch::Tensor, torch::Tensor> scale_and_shift(const weights::Preprocessing& p) {
  std::array<float, 3> scale{}, shift{};
  for (std::size_t c = 0; c < 3; ++c) {
    scale[c] = static_cast<float>((p.high - p.low) / 255.0 / p.std[c]);
    shift[c] = static_cast<float>((p.low - p.mean[c]) / p.std[c]);
  }
  return {torch::tensor(at::ArrayRef<float>(scale)), torch::tensor(at::ArrayRef<float>(shift))};
}

}  // namespace

ImageStore::ImageStore(const data::Dataset& dataset, int size, const Views& views,
                       const std::function<void()>& keep_going)
    : size_(size),
      views_(views),
      pixels_(torch::empty({static_cast<std::int64_t>(dataset.samples.size()), size, size, 3},
                           torch::kUInt8)),
      ids_(dataset.samples.size()) {
  auto* bytes = pixels_.data_ptr<std::uint8_t>();
  const std::size_t stride = static_cast<std::size_t>(size) * size * 3;
  const auto load = [&](std::size_t i) {
    const image::Image input = data::load_input(dataset, dataset.samples[i]);
    const image::Image resized = image::resize(input, size, size);
    const std::string& hash = dataset.samples[i].hash;
    ids_[i] = data::image_id(hash.empty() ? data::pixel_hash(input) : hash);
    std::memcpy(bytes + i * stride, resized.rgb.data(), stride);
  };
  const std::size_t count = dataset.samples.size();
  for (std::size_t start = 0; start < count; start += kLoadedTogether) {
    keep_going();
    parallel_for(std::min(kLoadedTogether, count - start), [&](std::size_t i) { load(start + i); });
  }
}

void ImageStore::see(torch::Tensor& pixels, std::int64_t row, std::int64_t index, int view) const {
  image::Image image(size_, size_);
  auto* bytes = pixels.data_ptr<std::uint8_t>() + row * static_cast<std::int64_t>(image.rgb.size());
  std::memcpy(image.rgb.data(), bytes, image.rgb.size());
  const image::Image seen = views_.see(image, ids_[static_cast<std::size_t>(index)], view);
  std::memcpy(bytes, seen.rgb.data(), seen.rgb.size());
}

torch::Tensor ImageStore::batch(std::span<const std::int64_t> indices, std::span<const int> views,
                                const weights::Preprocessing& preprocessing) const {
  torch::Tensor pixels = pixels_.index_select(0, index_tensor(indices));
  for (int view = 1; !views.empty() && view < image::kDihedralViews; ++view) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (views[i] == view) rows.push_back(static_cast<std::int64_t>(i));
    }
    if (rows.empty()) continue;
    const torch::Tensor chosen = index_tensor(rows);
    pixels.index_copy_(0, chosen, turned(pixels.index_select(0, chosen), view));
  }
  parallel_for(views.size(), [&](std::size_t i) {
    if (views[i] < image::kDihedralViews) return;
    see(pixels, static_cast<std::int64_t>(i), indices[i], views[i]);
  });
  if (preprocessing.channels == "BGR") pixels = pixels.flip({3});
  const auto [scale, shift] = scale_and_shift(preprocessing);
  // N x H x W x C in memory is channels-last already: permuting only renames the dimensions.
  return pixels.to(torch::kFloat32).mul_(scale).add_(shift).permute({0, 3, 1, 2});
}

}  // namespace fathom::train
