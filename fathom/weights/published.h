// Where the known weight sets are published, for the downloader. Not for cards: see card.h.
#pragma once

#include "fathom/base/download.h"
#include "fathom/weights/card.h"

namespace fathom::weights {

/// The file that a known card describes. Its address is the one in the card's source; without one
/// it can only be had from a folder or a mirror.
PublishedFile published_file(const WeightCard& card);

/// What to do to have a known set that is not here, for messages: the command that fetches it, or
/// where to get a file that has no address.
std::string how_to_get(const WeightCard& card);

}  // namespace fathom::weights
