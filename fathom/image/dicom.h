// DICOM files: frames as RGB, and the few names that tell images and patients apart.
// Not for other attributes, nor for what to do with a patient's ID: that is data/.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "fathom/image/image.h"

namespace fathom::image {

/// Whether the bytes begin like a DICOM file: a preamble of 128 bytes, then "DICM" (DICOM PS3.10,
/// 7.1). The first kDicomMark bytes decide.
bool is_dicom(std::string_view bytes);
inline constexpr std::size_t kDicomMark = 132;

/// One DICOM file in memory. Thread-safe.
class DicomFile {
 public:
  /// Throws Error naming `where`: damaged or truncated, no pixels, floating-point pixels, more than
  /// 16 bits, more than kMaxPixels a frame, more frames than the file can hold, a transfer syntax
  /// that is not read (JPEG 2000, MPEG, deflated).
  DicomFile(std::string_view bytes, const std::string& where);
  explicit DicomFile(const std::filesystem::path& path);
  ~DicomFile();

  const std::string& instance_uid() const;  ///< SOPInstanceUID; "" when there is none
  const std::string& study_uid() const;     ///< StudyInstanceUID; "" when there is none
  const std::string& patient_id() const;    ///< PatientID; "" when there is none. Never to be shown
  std::size_t frames() const;               ///< at least 1

  /// One frame, from 0, as it is meant to be seen (DICOM PS3.3, C.11.1 and C.11.2): the modality
  /// LUT or rescale, then the first VOI LUT or else the first window (linear, linear exact or
  /// sigmoid), then inverted by PresentationLUTShape or else where MONOCHROME1. Without either, and
  /// with a window that the standard does not allow, values of at most 8 bits keep the whole of
  /// their range, and wider ones are stretched from the least to the greatest of the frame but for
  /// padding. RGB, YBR and palettes become RGB. Windows that only functional groups hold are not
  /// seen. Throws Error when the pixels cannot be decoded, also where a decoder would go on with a
  /// guess, or when a JPEG holds another image than the attributes say.
  Image frame(std::size_t index) const;

 private:
  class Parsed;
  std::unique_ptr<Parsed> parsed_;
};

namespace internal {
/// Walks the structure of a DICOM file as read_header does that of others. Throws Error naming
/// `where`: elements beyond the end of the file, sequences nested deeper than any real one (DCMTK
/// would exhaust the stack), a transfer syntax that is not read.
void check_dicom_structure(std::string_view bytes, const std::string& where);

/// Throws Error unless every segment of a run-length coded frame lies where the frame says and
/// holds `pixels` bytes (PS3.5, annex G): DCMTK believes the one, and would leave the other
/// unwritten.
void check_run_lengths(std::string_view frame, std::size_t pixels, const std::string& where);
}  // namespace internal

}  // namespace fathom::image
