// Grey frames of DICOM as they are meant to be seen. Not for decoding, nor for colour.
#pragma once

#include <string>

#include "fathom/image/image.h"

class DcmDataset;
class DcmTagKey;
class DicomImage;

namespace fathom::image::internal {

/// The first value of an attribute, without the blanks around it; "" when there is none.
std::string read_text(DcmDataset& dataset, const DcmTagKey& key);

/// Whether the linear rescale of the data set must be left to grey_frame: DCMTK would round what it
/// makes to whole numbers (CIF_IgnoreModalityTransformation). A modality LUT gives whole numbers,
/// and a VOI LUT wants them.
bool leaves_rescale(DcmDataset& dataset);

/// The frame that DCMTK decoded, by what the data set says of its brightness; see DicomFile::frame.
/// Throws Error naming `where`: fewer values than pixels, a rescale that leaves nothing, a VOI LUT
/// that cannot be used.
Image grey_frame(DcmDataset& dataset, DicomImage& image, int height, int width,
                 const std::string& where);

}  // namespace fathom::image::internal
