// Where units get their inputs from: the activation at any cut, for any images and views, from the
// prefix cache where it is stored and computed where it is not. For one thread.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "fathom/base/hash.h"
#include "fathom/train/batches.h"
#include "fathom/train/frozen_prefix.h"
#include "fathom/train/image_store.h"
#include "fathom/train/prefix_cache.h"
#include "fathom/train/prefix_plan.h"

namespace fathom::train {

class Boundaries {
 public:
  /// `hashes`: data::input_hash of every image of `images`. The referenced objects must outlive
  /// this one.
  Boundaries(const zoo::Architecture& architecture, const weights::PretrainedWeights& weights,
             const ImageStore& images, std::vector<std::string> hashes, const Compute& compute,
             const PrefixCache& cache);

  const ImageStore& images() const { return images_; }
  const FrozenPrefix& prefix() const { return prefix_; }

  /// The activation above the first `cut` blocks: n x C x H x W, channels-last; in float32 the
  /// preprocessed images at cut 0, else in the number format of the network; on the device that it
  /// runs on. `views` may be empty for view 0.
  torch::Tensor at(std::size_t cut, std::span<const std::int64_t> images,
                   std::span<const int> views);

  /// The pooled last boundary: n x C, float32, on the processor.
  torch::Tensor features(std::span<const std::int64_t> images, std::span<const int> views);

  /// Boundary number of the pooled features in plans: one above the last block.
  std::size_t features_boundary() const { return prefix_.blocks() + 1; }

  /// Times the network, and copies in memory, on a few images; takes seconds. `keep_going` is
  /// called once a block and may throw.
  PrefixCosts measure(const std::function<void()>& keep_going) const;
  /// How many of the sights are not stored, by boundary.
  std::vector<std::size_t> count_missing(std::span<const Sight> sights) const;

  /// Bytes that are stored of this network, for these and other images.
  std::uint64_t stored_bytes() const { return cache_.bytes_of(network_); }

  /// Computes and stores the given boundaries of the sights, as far as they are missing.
  /// `keep_going` is called once a batch and may throw Interrupted: what is stored so far stays.
  /// Throws Error or std::filesystem::filesystem_error when nothing can be written.
  void fill(std::span<const std::size_t> boundaries, std::span<const Sight> sights,
            const std::function<void()>& keep_going);

  /// Bytes that fill() has stored, in fillings that were interrupted too.
  std::uint64_t written() const { return written_; }

  /// Stored records whose bytes were not those written; they were computed again.
  std::size_t damaged() const { return damaged_; }

 private:
  /// A boundary as stored: what a record is, and where each sight's lies.
  struct Stored {
    struct Place {
      BoundaryFile* file = nullptr;
      std::size_t record = 0;
    };
    std::vector<std::int64_t> shape;  ///< of one record, as in memory: H x W x C, or C
    torch::Dtype dtype = torch::kFloat32;
    BoundaryHeader header;
    std::vector<std::unique_ptr<BoundaryFile>> files;
    std::unordered_map<std::uint64_t, Place> places;  ///< by place_of(); empty: nothing is stored
  };
  /// All stored records of a boundary in the GPU's memory.
  struct Held {
    torch::Tensor rows;                                      ///< records x H x W x C
    std::unordered_map<std::uint64_t, std::int64_t> row_of;  ///< by place_of()
  };
  class Filling;

  /// By which a sight is stored.
  RecordId id_of(const Sight& sight) const;
  /// Images with equal pixels share their places.
  std::uint64_t place_of(const Sight& sight) const;
  /// Whether a sight's boundary is not stored.
  bool lacks(std::size_t boundary, const Sight& sight) const;
  torch::Tensor preprocessed(std::span<const std::int64_t> images,
                             std::span<const int> views) const;
  /// Boundary `boundary` computed from `from` = below; features are pooled.
  torch::Tensor forward(const torch::Tensor& x, std::size_t from, std::size_t boundary) const;
  void describe_boundaries();
  void open_stored(std::size_t boundary);
  /// The records of stored boundaries, in the order of memory, from the files.
  torch::Tensor read(std::size_t boundary, std::span<const std::int64_t> images,
                     std::span<const int> views);

  /// Takes a boundary into the GPU's memory, if there is one and room in it.
  const Held* hold(std::size_t boundary);
  /// As at(), of a stored boundary.
  torch::Tensor stored_at(std::size_t boundary, std::span<const std::int64_t> images,
                          std::span<const int> views);

  void report_damage(const BoundaryFile& file);

  const ImageStore& images_;
  const weights::Preprocessing& preprocessing_;
  const PrefixCache& cache_;
  Compute compute_;
  FrozenPrefix prefix_;
  struct RecordIdHash {
    std::size_t operator()(const RecordId& id) const {
      return static_cast<std::size_t>(xxh3(std::span<const std::byte>(id)));
    }
  };

  std::vector<std::string> hashes_;
  std::unordered_map<RecordId, std::int64_t, RecordIdHash> image_of_;  ///< by its record of view 0
  std::vector<std::int64_t> first_equal_;  ///< per image, the first with the same pixels
  std::string network_;                    ///< hash of all that the numbers depend on
  std::vector<Stored> stored_;             ///< by boundary; 0 is never stored
  std::map<std::size_t, Held> held_;       ///< by boundary
  std::uint64_t held_bytes_ = 0;
  std::uint64_t written_ = 0;
  std::size_t damaged_ = 0;
};

}  // namespace fathom::train
