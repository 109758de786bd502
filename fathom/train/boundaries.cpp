#include "fathom/train/boundaries.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/json.h"
#include "fathom/base/log.h"
#include "fathom/train/device.h"
#include "fathom/train/runtime.h"

namespace fathom::train {
namespace {

constexpr int kFormatVersion = 3;
constexpr std::uint64_t kMostViews = 256;
constexpr std::size_t kFillBatch = 64;
/// A file is closed at this size, so that an interrupted filling keeps what came before.
constexpr std::uint64_t kFileBytes = std::uint64_t{512} << 20;

/// On the processor, in the order of memory: N x C x H x W channels-last becomes N x H x W x C.
torch::Tensor in_memory_order(const torch::Tensor& boundary) {
  const torch::Tensor rows = boundary.dim() == 4 ? boundary.permute({0, 2, 3, 1}) : boundary;
  return rows.contiguous().to(torch::kCPU);
}

torch::Tensor as_boundary(const torch::Tensor& rows) {
  return rows.dim() == 4 ? rows.permute({0, 3, 1, 2}) : rows;
}

}  // namespace

Boundaries::Boundaries(const zoo::Architecture& architecture,
                       const weights::PretrainedWeights& weights, const ImageStore& images,
                       std::vector<std::string> hashes, const Compute& compute,
                       const PrefixCache& cache)
    : images_(images),
      preprocessing_(weights.card.preprocessing),
      cache_(cache),
      compute_(compute),
      prefix_(architecture, weights, compute),
      hashes_(std::move(hashes)) {
  FATHOM_CHECK(static_cast<std::int64_t>(hashes_.size()) == images.count());
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    const auto image = static_cast<std::int64_t>(i);
    // One view of each kind.
    for (const int view : {0, image::kDihedralViews, kFirstCorruptedView}) {
      RecordId id = id_of({image, view});
      id.back() = std::byte{0};
      const std::int64_t first = image_of_.emplace(id, image).first->second;
      if (view == 0) first_equal_.push_back(first);
    }
  }
  Json meaning{{"format", kFormatVersion},
               {"architecture", architecture.name},
               {"weights", weights.hash},
               {"input_size", images.size()},
               {"bf16", compute.precision == Precision::bf16},
               {"libtorch", libtorch_version()}};
  if (compute.device == Device::cuda) meaning["device"] = "cuda";
  network_ = sha256_hex(meaning.dump());
  stored_.resize(features_boundary() + 1);
  for (std::size_t b = 1; b <= features_boundary(); ++b) {
    const bool pooled = b == features_boundary();
    stored_[b].header.network = network_;
    stored_[b].header.block = pooled ? "features" : architecture.blocks[b - 1];
  }
  describe_boundaries();
  for (std::size_t b = 1; b <= features_boundary(); ++b) open_stored(b);
}

std::uint64_t Boundaries::place_of(const Sight& sight) const {
  const std::int64_t first = first_equal_[static_cast<std::size_t>(sight.image)];
  return static_cast<std::uint64_t>(first) * kMostViews + static_cast<std::uint64_t>(sight.view);
}

RecordId Boundaries::id_of(const Sight& sight) const {
  const std::string& hash = hashes_[static_cast<std::size_t>(sight.image)];
  const std::string& meaning = images_.views().meaning(sight.view);
  return record_id(meaning.empty() ? hash : sha256_hex(hash + " " + meaning), sight.view);
}

bool Boundaries::lacks(std::size_t boundary, const Sight& sight) const {
  const auto& places = stored_[boundary].places;
  const auto place = places.find(place_of(sight));
  return place == places.end() || place->second.file == nullptr;
}

torch::Tensor Boundaries::preprocessed(std::span<const std::int64_t> images,
                                       std::span<const int> views) const {
  return images_.batch(images, views, preprocessing_);
}

torch::Tensor Boundaries::forward(const torch::Tensor& x, std::size_t from,
                                  std::size_t boundary) const {
  const torch::Tensor y = prefix_.forward(x, from, std::min(boundary, prefix_.blocks()));
  return boundary == features_boundary() ? pooled_features(y) : y;
}

/// What each boundary's records look like, from one image.
void Boundaries::describe_boundaries() {
  const std::int64_t first = 0;
  torch::Tensor x = preprocessed(std::span(&first, 1), {});
  for (std::size_t b = 1; b <= features_boundary(); ++b) {
    x = forward(x, b - 1, b);
    const torch::Tensor rows = in_memory_order(x);
    stored_[b].shape = rows.sizes().slice(1).vec();
    stored_[b].dtype = rows.scalar_type();
    stored_[b].header.record_bytes = rows.nbytes();
  }
}

void Boundaries::open_stored(std::size_t boundary) {
  Stored& stored = stored_[boundary];
  stored.places.clear();
  if (const auto held = held_.find(boundary); held != held_.end()) {
    held_bytes_ -= held->second.rows.nbytes();
    held_.erase(held);
  }
  stored.files = cache_.open(stored.header);
  if (stored.files.empty()) return;
  std::set<BoundaryFile*> used;
  for (const auto& file : stored.files) {
    for (std::size_t r = 0; r < file->count(); ++r) {
      RecordId id = file->id(r);
      const int view = std::to_integer<int>(std::exchange(id.back(), std::byte{0}));
      const auto image = image_of_.find(id);
      if (image == image_of_.end()) continue;
      stored.places[place_of({image->second, view})] = {file.get(), r};
      used.insert(file.get());
    }
  }
  for (const BoundaryFile* file : used) PrefixCache::mark_used(*file);
}

torch::Tensor Boundaries::at(std::size_t cut, std::span<const std::int64_t> images,
                             std::span<const int> views) {
  FATHOM_CHECK(cut <= prefix_.blocks());
  std::size_t from = cut;
  while (from > 0 && stored_[from].places.empty()) --from;
  const torch::Tensor x = from == 0 ? preprocessed(images, views) : stored_at(from, images, views);
  return from == cut ? x.to(torch_device(compute_.device)) : forward(x, from, cut);
}

torch::Tensor Boundaries::stored_at(std::size_t boundary, std::span<const std::int64_t> images,
                                    std::span<const int> views) {
  const Held* held = hold(boundary);
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; held != nullptr && i < images.size(); ++i) {
    const auto row = held->row_of.find(place_of({images[i], views.empty() ? 0 : views[i]}));
    if (row == held->row_of.end()) break;
    rows.push_back(row->second);
  }
  if (rows.size() < images.size()) return as_boundary(read(boundary, images, views));
  return as_boundary(held->rows.index_select(0, torch::tensor(rows).to(held->rows.device())));
}

const Boundaries::Held* Boundaries::hold(std::size_t boundary) {
  if (compute_.device == Device::cpu) return nullptr;
  if (const auto held = held_.find(boundary); held != held_.end()) return &held->second;
  const Stored& stored = stored_[boundary];
  const std::uint64_t bytes = stored.places.size() * stored.header.record_bytes;
  if (held_bytes_ + bytes > kHeldBytes) return nullptr;
  std::vector<std::uint64_t> places;
  for (const auto& [place, where] : stored.places) places.push_back(place);
  std::ranges::sort(places);
  std::vector<std::int64_t> shape = stored.shape;
  shape.insert(shape.begin(), static_cast<std::int64_t>(places.size()));
  Held held;
  held.rows = torch::empty(shape, torch::dtype(stored.dtype).device(torch_device(compute_.device)));
  for (std::size_t start = 0; start < places.size(); start += kFillBatch) {
    const std::size_t count = std::min(kFillBatch, places.size() - start);
    std::vector<std::int64_t> images;
    std::vector<int> views;
    for (const std::uint64_t place : std::span(places).subspan(start, count)) {
      held.row_of[place] = static_cast<std::int64_t>(held.row_of.size());
      images.push_back(static_cast<std::int64_t>(place / kMostViews));
      views.push_back(static_cast<int>(place % kMostViews));
    }
    held.rows.narrow(0, static_cast<std::int64_t>(start), static_cast<std::int64_t>(count))
        .copy_(read(boundary, images, views));
  }
  held_bytes_ += bytes;
  return &held_.emplace(boundary, std::move(held)).first->second;
}

torch::Tensor Boundaries::features(std::span<const std::int64_t> images,
                                   std::span<const int> views) {
  const std::size_t boundary = features_boundary();
  if (!stored_[boundary].places.empty()) return read(boundary, images, views);
  return pooled_features(at(prefix_.blocks(), images, views)).to(torch::kCPU);
}

torch::Tensor Boundaries::read(std::size_t boundary, std::span<const std::int64_t> images,
                               std::span<const int> views) {
  Stored& stored = stored_[boundary];
  std::vector<std::int64_t> shape = stored.shape;
  shape.insert(shape.begin(), static_cast<std::int64_t>(images.size()));
  torch::Tensor rows = torch::empty(shape, stored.dtype);
  auto* bytes = static_cast<std::byte*>(rows.data_ptr());
  std::vector<std::int64_t> absent_rows, absent_images;
  std::vector<int> absent_views;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Sight sight{images[i], views.empty() ? 0 : views[i]};
    Stored::Place& place = stored.places[place_of(sight)];
    if (place.file != nullptr) {
      const std::size_t size = stored.header.record_bytes;
      if (place.file->read(place.record, {bytes + i * size, size})) continue;
      report_damage(*place.file);
      place.file = nullptr;
    }
    absent_rows.push_back(static_cast<std::int64_t>(i));
    absent_images.push_back(sight.image);
    absent_views.push_back(sight.view);
  }
  if (!absent_rows.empty()) {
    // From the next boundary below that is stored.
    const std::size_t below = std::min(boundary, prefix_.blocks()) - 1;
    const torch::Tensor computed = forward(at(below, absent_images, absent_views), below, boundary);
    rows.index_copy_(0, torch::tensor(absent_rows), in_memory_order(computed));
  }
  return rows;
}

void Boundaries::report_damage(const BoundaryFile& file) {
  std::error_code gone;
  // Removed, it stays open for this process; the next filling writes it anew.
  if (std::filesystem::remove(file.path(), gone)) {
    log_warning("{}: the prefix cache holds damaged records of {}; they are computed again",
                file.path().string(), file.path().stem().string());
  }
  ++damaged_;
}

std::vector<std::size_t> Boundaries::count_missing(std::span<const Sight> sights) const {
  std::vector<std::size_t> missing(stored_.size(), sights.size());
  for (std::size_t b = 1; b < stored_.size(); ++b) {
    missing[b] = static_cast<std::size_t>(
        std::ranges::count_if(sights, [&](const Sight& sight) { return lacks(b, sight); }));
  }
  return missing;
}

PrefixCosts Boundaries::measure(const std::function<void()>& keep_going) const {
  constexpr int kRepeats = 3;
  const std::size_t count = std::min(kFillBatch, hashes_.size());
  std::vector<std::int64_t> images(count);
  std::iota(images.begin(), images.end(), 0);
  PrefixCosts costs;
  costs.compute.assign(features_boundary(), 1e9);
  costs.read.assign(stored_.size(), 1e9);
  costs.write.assign(stored_.size(), 0);
  costs.bytes.assign(stored_.size(), 0);
  const auto keep_best = [&](double& best, const Stopwatch& watch) {
    synchronize(compute_.device);
    best = std::min(best, watch.seconds() / static_cast<double>(count));
  };
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const Stopwatch reading;
    torch::Tensor x = preprocessed(images, {});
    keep_best(costs.read[0], reading);
    for (std::size_t b = 1; b <= features_boundary(); ++b) {
      keep_going();
      const Stopwatch computing;
      x = forward(x, b - 1, b);
      keep_best(costs.compute[b - 1], computing);
      const Stopwatch copying;
      const torch::Tensor copy = in_memory_order(x).clone().to(x.device());
      keep_best(costs.read[b], copying);
    }
  }
  const double write_seconds_per_byte = cache_.max_bytes() > 0 ? cache_.measure_write() : 0;
  for (std::size_t b = 1; b <= features_boundary(); ++b) {
    costs.bytes[b] = stored_[b].header.record_bytes;
    costs.write[b] = static_cast<double>(costs.bytes[b]) * write_seconds_per_byte;
  }
  return costs;
}

/// One pass over what is missing: the open files of the boundaries that are stored.
class Boundaries::Filling {
 public:
  Filling(Boundaries& owner, std::span<const std::size_t> boundaries) : owner_(owner) {
    for (const std::size_t b : boundaries) writers_[b] = nullptr;
  }

  bool is_missing(const Sight& sight) const {
    return std::ranges::any_of(writers_,
                               [&](const auto& w) { return owner_.lacks(w.first, sight); });
  }

  void add(std::span<const Sight> sights) {
    std::vector<std::int64_t> images;
    std::vector<int> views;
    for (const Sight& sight : sights) {
      images.push_back(sight.image);
      views.push_back(sight.view);
    }
    torch::Tensor x = owner_.preprocessed(images, views);
    std::size_t below = 0;
    for (auto& [boundary, writer] : writers_) {
      const auto is_lacking = [&, b = boundary](const Sight& sight) {
        return owner_.lacks(b, sight);
      };
      if (std::ranges::none_of(sights, is_lacking)) continue;
      x = owner_.forward(x, below, boundary);
      below = boundary;
      write(boundary, writer, in_memory_order(x), sights);
    }
  }

  /// Closes all files: what is in them is whole.
  void finish() {
    for (auto& [boundary, writer] : writers_) finish(writer);
  }

 private:
  void write(std::size_t boundary, std::unique_ptr<BoundaryWriter>& writer,
             const torch::Tensor& rows, std::span<const Sight> sights) {
    const BoundaryHeader& header = owner_.stored_[boundary].header;
    const auto* bytes = static_cast<const std::byte*>(rows.data_ptr());
    for (std::size_t i = 0; i < sights.size(); ++i) {
      if (!owner_.lacks(boundary, sights[i])) continue;
      if (!writer) writer = owner_.cache_.writer(header);
      writer->add(owner_.id_of(sights[i]), {bytes + i * header.record_bytes, header.record_bytes});
    }
    if (writer && writer->bytes() > kFileBytes) finish(writer);
  }

  void finish(std::unique_ptr<BoundaryWriter>& writer) {
    if (!writer) return;
    writer->finish();
    owner_.written_ += writer->bytes();
    writer = nullptr;
  }

  Boundaries& owner_;
  std::map<std::size_t, std::unique_ptr<BoundaryWriter>> writers_;
};

void Boundaries::fill(std::span<const std::size_t> boundaries, std::span<const Sight> sights,
                      const std::function<void()>& keep_going) {
  const auto bytes_missing = [&] {
    const std::vector<std::size_t> missing = count_missing(sights);
    std::uint64_t bytes = 0;
    for (const std::size_t b : boundaries) bytes += missing[b] * stored_[b].header.record_bytes;
    return bytes;
  };
  if (bytes_missing() == 0) return;
  const std::unique_ptr<FileLock> lock = cache_.lock(network_, keep_going);
  for (const std::size_t b : boundaries) open_stored(b);  // another process may have filled them
  cache_.make_room(bytes_missing(), network_);
  Filling filling(*this, boundaries);
  std::vector<Sight> missing;
  std::ranges::copy_if(sights, std::back_inserter(missing),
                       [&](const Sight& sight) { return filling.is_missing(sight); });
  const auto finish = [&] {
    filling.finish();
    for (const std::size_t b : boundaries) open_stored(b);
  };
  try {
    for (std::size_t start = 0; start < missing.size(); start += kFillBatch) {
      keep_going();
      filling.add(std::span(missing).subspan(start, std::min(kFillBatch, missing.size() - start)));
    }
  } catch (const Interrupted&) {
    finish();
    throw;
  }
  finish();
}

}  // namespace fathom::train
