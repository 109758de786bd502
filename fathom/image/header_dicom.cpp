#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "fathom/base/error.h"
#include "fathom/image/dicom.h"
#include "fathom/image/header.h"

namespace fathom::image {
namespace {

constexpr std::uint32_t kTransferSyntax = 0x00020010;
constexpr std::uint32_t kPixelData = 0x7fe00010;
constexpr std::uint32_t kItem = 0xfffee000;
constexpr std::uint32_t kItemEnd = 0xfffee00d;
constexpr std::uint32_t kSequenceEnd = 0xfffee0dd;
constexpr std::uint32_t kUndefinedLength = 0xffffffff;

/// How the elements of a data set are written (DICOM PS3.5, 7.1).
struct Coding {
  bool explicit_vr = true;
  bool big_endian = false;
};

/// Of a transfer syntax (DICOM PS3.6, table A-1).
Coding coding_of(std::string_view syntax, const std::string& where) {
  static constexpr std::array<std::string_view, 9> kCompressed = {
      "1.2.840.10008.1.2.4.50",  // JPEG baseline
      "1.2.840.10008.1.2.4.51",  // JPEG extended
      "1.2.840.10008.1.2.4.53",  // JPEG spectral selection
      "1.2.840.10008.1.2.4.55",  // JPEG progressive
      "1.2.840.10008.1.2.4.57",  // JPEG lossless
      "1.2.840.10008.1.2.4.70",  // JPEG lossless, first-order prediction
      "1.2.840.10008.1.2.4.80",  // JPEG-LS
      "1.2.840.10008.1.2.4.81",  // JPEG-LS, near-lossless
      "1.2.840.10008.1.2.5",     // run lengths
  };
  if (syntax == "1.2.840.10008.1.2") return {.explicit_vr = false};
  if (syntax == "1.2.840.10008.1.2.2") return {.big_endian = true};
  if (syntax == "1.2.840.10008.1.2.1" || std::ranges::count(kCompressed, syntax) > 0) return {};
  const bool readable = std::ranges::all_of(syntax, [](char c) { return c > ' ' && c <= '~'; });
  throw Error(fmt::format(
      "{}: a DICOM file in the transfer syntax '{}'; uncompressed, RLE, JPEG and JPEG-LS are read: "
      "convert it, with gdcmconv --raw for example",
      where, readable ? syntax : "?"));
}

bool is_one_of(std::string_view vr, std::string_view list) {
  for (std::size_t i = 0; i + 2 <= list.size(); i += 3) {
    if (list.substr(i, 2) == vr) return true;
  }
  return false;
}

/// Goes once through a file, element by element.
class DicomWalk {
 public:
  DicomWalk(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  void run() {
    at_ = kDicomMark;
    pass_elements(coding_of(read_meta(), where_), bytes_.size(), 0);
  }

 private:
  struct Element {
    std::uint32_t tag = 0;
    std::string_view vr;  ///< "" where it is not written
    std::uint32_t length = 0;
  };

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(fmt::format("{}: damaged DICOM: {}, at byte {}", where_, what, at_));
  }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size() - at_) {
      throw Error(fmt::format("{}: truncated: the file ends after {} bytes, inside an element",
                              where_, bytes_.size()));
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

  std::uint32_t number(std::size_t size, Coding coding) {
    const std::string_view digits = take(size);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const char digit = digits[coding.big_endian ? i : size - 1 - i];
      value = value << 8 | static_cast<std::uint8_t>(digit);
    }
    return value;
  }

  std::uint32_t read_tag(Coding coding) {
    const std::uint32_t group = number(2, coding);
    return group << 16 | number(2, coding);
  }

  Element read_element(Coding coding) {
    Element element{read_tag(coding)};
    if (!coding.explicit_vr || element.tag >> 16 == kItem >> 16) {
      element.length = number(4, coding);
      return element;
    }
    element.vr = take(2);
    if (is_one_of(element.vr, "OB OD OF OL OV OW SQ SV UC UN UR UT UV")) {
      take(2);
      element.length = number(4, coding);
    } else if (is_one_of(element.vr,
                         "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL "
                         "US")) {
      element.length = number(2, coding);
    } else {
      refuse("an element of no known kind");
    }
    return element;
  }

  /// The elements of group 2; returns the transfer syntax.
  std::string_view read_meta() {
    std::string_view syntax;
    while (bytes_.substr(at_).starts_with(std::string_view("\x02\0", 2))) {
      const Element element = read_element({});
      const std::string_view value = take(element.length);
      if (element.tag != kTransferSyntax) continue;
      if (!syntax.empty()) refuse("a second transfer syntax");
      syntax = value.substr(0, value.find_last_not_of(std::string_view(" \0", 2)) + 1);
    }
    return syntax;
  }

  /// Up to `end`, or to the end of an item of undefined length.
  void pass_elements(Coding coding, std::size_t end, int depth) {
    while (at_ < end) {
      const Element element = read_element(coding);
      if (element.tag == kItemEnd) return;
      pass_value(element, coding, depth);
    }
  }

  void pass_value(const Element& element, Coding coding, int depth) {
    if (element.length == kUndefinedLength) {
      if (element.tag == kPixelData || is_one_of(element.vr, "OB OW")) return pass_fragments();
      if (element.vr == "UN") coding = {.explicit_vr = false};  // PS3.5, 6.2.2
      return pass_items(coding, bytes_.size(), depth + 1);
    }
    const std::size_t begin = at_;
    take(element.length);
    const std::size_t end = at_;
    if (holds_items(element, coding, begin)) {
      at_ = begin;
      pass_items(coding, end, depth + 1);
      at_ = end;
    }
  }

  /// Without VR only the values tell a sequence from the others: it begins with an item.
  bool holds_items(const Element& element, Coding coding, std::size_t begin) const {
    if (coding.explicit_vr) return element.vr == "SQ";
    constexpr std::string_view kItemBytes("\xfe\xff\x00\xe0", 4);
    return element.tag != kPixelData && element.length >= 8 &&
           bytes_.substr(begin).starts_with(kItemBytes);
  }

  void pass_items(Coding coding, std::size_t end, int depth) {
    constexpr int kMaxDepth = 64;
    if (depth > kMaxDepth) refuse(fmt::format("sequences nested {} deep", depth));
    while (at_ < end) {
      const Element item = read_element({.explicit_vr = false, .big_endian = coding.big_endian});
      if (item.tag == kSequenceEnd) return;
      if (item.tag != kItem) refuse("no item where one belongs");
      if (item.length == kUndefinedLength) {
        pass_elements(coding, end, depth);
        continue;
      }
      const std::size_t item_end = at_ + item.length;
      pass_elements(coding, item_end, depth);
      at_ = std::min(item_end, end);
    }
  }

  /// The parts of compressed pixels; always little endian.
  void pass_fragments() {
    for (;;) {
      const Element item = read_element({.explicit_vr = false});
      if (item.tag == kSequenceEnd) return;
      if (item.tag != kItem) refuse("no item where compressed pixels belong");
      take(item.length);
    }
  }

  std::string_view bytes_;
  const std::string& where_;
  std::size_t at_ = 0;
};

/// The bytes that the runs of a segment stand for (PS3.5, G.3.1).
std::size_t decoded_size(std::string_view segment) {
  std::size_t size = 0;
  for (std::size_t at = 0; at + 1 < segment.size();) {
    const std::size_t code = static_cast<std::uint8_t>(segment[at++]);
    if (code == 128) continue;
    const bool repeats = code > 128;  // negative, as the standard counts
    const std::size_t stored = repeats ? 1 : code + 1;
    size += repeats ? 257 - code : std::min(stored, segment.size() - at);
    at += stored;
  }
  return size;
}

}  // namespace

bool is_dicom(std::string_view bytes) {
  return bytes.size() >= kDicomMark && bytes.substr(kDicomMark - 4, 4) == "DICM";
}

void internal::check_dicom_structure(std::string_view bytes, const std::string& where) {
  if (!is_dicom(bytes)) throw Error(where + ": not a DICOM file (by its first bytes)");
  DicomWalk(bytes, where).run();
}

void internal::check_run_lengths(std::string_view frame, std::size_t pixels,
                                 const std::string& where) {
  constexpr std::size_t kMaxSegments = 15, kHeader = 64;
  std::array<std::uint32_t, kMaxSegments + 1> header{};  // how many there are, and where
  if (frame.size() >= kHeader) std::memcpy(header.data(), frame.data(), kHeader);
  const std::size_t segments = header[0];
  bool good = segments >= 1 && segments <= kMaxSegments && header[1] == kHeader;
  for (std::size_t i = 1; good && i <= segments; ++i) {
    const std::size_t begin = header[i], end = i < segments ? header[i + 1] : frame.size();
    good = begin <= end && end <= frame.size();
    if (good && decoded_size(frame.substr(begin, end - begin)) < pixels) {
      throw Error(where + ": damaged DICOM: a run-length coded frame of too few pixels");
    }
  }
  if (!good) {
    throw Error(where +
                ": damaged DICOM: a run-length coded frame whose segments are not where it says");
  }
}

}  // namespace fathom::image
