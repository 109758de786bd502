#include "fathom/train/image_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "fathom/base/parallel.h"
#include "fathom/train/device.h"

namespace fathom::train {
namespace {

/// Images that are decoded between two looks at whether to go on.
constexpr std::size_t kLoadedTogether = 256;
/// What may be in memory at a time of images that lie in a file.
constexpr std::size_t kMostUsedBytes = std::size_t{256} << 20;

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

ImageStore::ImageStore(const data::Dataset& dataset, int size, const Views& views, const Room& room,
                       const std::function<void()>& keep_going)
    : size_(size), views_(views), ids_(dataset.samples.size()) {
  const std::vector<std::int64_t> shape{static_cast<std::int64_t>(ids_.size()), size, size, 3};
  const std::size_t bytes = ids_.size() * image_bytes();
  if (room.folder.empty() || bytes <= room.in_memory) {
    pixels_ = torch::empty(shape, torch::kUInt8);
  } else {
    paged_ = std::make_unique<PagedBytes>(bytes, room.folder);
    pixels_ = torch::from_blob(paged_->data(), shape, torch::kUInt8);
  }
  for (std::size_t begin = 0; begin < ids_.size(); begin += kLoadedTogether) {
    keep_going();
    const std::size_t count = std::min(kLoadedTogether, ids_.size() - begin);
    parallel_for(count, [&](std::size_t i) { load(dataset, begin + i); });
    note_use(count);
  }
  if (room.device == Device::cuda && !paged_ && bytes <= kHeldBytes) {
    pixels_ = pixels_.to(torch_device(room.device));
  }
}

void ImageStore::load(const data::Dataset& dataset, std::size_t index) {
  const data::Sample& sample = dataset.samples[index];
  const image::Image input = data::load_input(dataset, sample);
  const image::Image resized = image::resize(input, size_, size_);
  ids_[index] = data::image_id(sample.hash.empty() ? data::pixel_hash(input) : sample.hash);
  std::memcpy(pixels_.data_ptr<std::uint8_t>() + index * image_bytes(), resized.rgb.data(),
              image_bytes());
}

void ImageStore::note_use(std::size_t images) const {
  used_bytes_ += images * image_bytes();
  if (!paged_ || used_bytes_ < kMostUsedBytes) return;
  paged_->release_memory();
  used_bytes_ = 0;
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
  const torch::Device device = pixels_.device();
  torch::Tensor pixels = pixels_.index_select(0, index_tensor(indices).to(device));
  note_use(indices.size());
  for (int view = 1; !views.empty() && view < image::kDihedralViews; ++view) {
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (views[i] == view) rows.push_back(static_cast<std::int64_t>(i));
    }
    if (rows.empty()) continue;
    const torch::Tensor chosen = index_tensor(rows).to(device);
    pixels.index_copy_(0, chosen, turned(pixels.index_select(0, chosen), view));
  }
  const auto is_drawn = [](int view) { return view >= image::kDihedralViews; };
  if (std::ranges::any_of(views, is_drawn)) {
    pixels = pixels.to(torch::kCPU);
    parallel_for(views.size(), [&](std::size_t i) {
      if (is_drawn(views[i])) see(pixels, static_cast<std::int64_t>(i), indices[i], views[i]);
    });
    pixels = pixels.to(device);
  }
  if (preprocessing.channels == "BGR") pixels = pixels.flip({3});
  const auto [scale, shift] = scale_and_shift(preprocessing);
  // N x H x W x C in memory is channels-last already: permuting only renames the dimensions.
  return pixels.to(torch::kFloat32)
      .mul_(scale.to(device))
      .add_(shift.to(device))
      .permute({0, 3, 1, 2});
}

}  // namespace fathom::train
