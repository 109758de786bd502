// The publications that the paragraphs on methods cite, with where to find them. Not those of the
// formulas, which stand at each function.
#pragma once

#include <string>

namespace fathom::report {

/// "Cox 1958, doi:10.1093/biomet/45.3-4.562; Guo et al. 2017, arXiv:1706.04599.": what `text` cites
/// as "AUTHORS, YEAR" or "AUTHORS (YEAR)" and this knows, by author; "" of none.
std::string sources_cited_in(const std::string& text);

}  // namespace fathom::report
