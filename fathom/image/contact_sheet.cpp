#include "fathom/image/contact_sheet.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "fathom/base/error.h"
#include "fathom/image/mat.h"

namespace fathom::image {
namespace {

constexpr int kGap = 4;       ///< pixels around every image
constexpr int kCaption = 16;  ///< height of a line of text

void write_caption(cv::Mat& sheet, const std::string& text, int bottom) {
  constexpr double kSize = 0.4;
  constexpr int kBelow = 4;
  cv::putText(sheet, text, {kGap, bottom - kBelow}, cv::FONT_HERSHEY_SIMPLEX, kSize,
              cv::Scalar::all(0), 1, cv::LINE_AA);
}

}  // namespace

Image contact_sheet(const std::vector<SheetRow>& rows, int cell) {
  std::size_t longest = 0;
  for (const SheetRow& row : rows) longest = std::max(longest, row.images.size());
  FATHOM_CHECK(longest > 0 && cell > 0);
  const int row_height = kCaption + cell + kGap;
  const Image result(kGap + static_cast<int>(rows.size()) * row_height,
                     kGap + static_cast<int>(longest) * (cell + kGap));
  cv::Mat sheet = mat_of(result);
  sheet.setTo(cv::Scalar::all(255));
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int top = static_cast<int>(r) * row_height + kCaption;
    write_caption(sheet, rows[r].caption, top);
    for (std::size_t i = 0; i < rows[r].images.size(); ++i) {
      const int left = kGap + static_cast<int>(i) * (cell + kGap);
      const Image small = resize(rows[r].images[i], cell, cell);
      mat_of(small).copyTo(sheet(cv::Rect(left, top, cell, cell)));
    }
  }
  return result;
}

}  // namespace fathom::image
