// Any bytes are a DICOM file whose first and last frame can be decoded, or an Error.
#include "fathom/base/error.h"
#include "fathom/image/dicom.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const fathom::image::DicomFile file({reinterpret_cast<const char*>(data), size}, "input");
    file.frame(0);
    file.frame(file.frames() - 1);
  } catch (const fathom::Error&) {
  }
  return 0;
}
