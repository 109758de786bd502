#include "fathom/image/dicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dccodec.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>  // colour, by being included
#include <dcmtk/dcmimgle/dcmimage.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <dcmtk/oflog/spi/logevent.h>
#include <fmt/format.h>

#include <mutex>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/image/dicom_grey.h"
#include "fathom/image/header.h"
#include "fathom/image/jpeg.h"

namespace fathom::image {
namespace {

using internal::read_text;

/// The last warning about lost pixels while this thread decoded.
std::string& jpeg_damage() {
  thread_local std::string message;
  return message;
}

/// DCMTK logs what its libjpeg warns of, and goes on with a guess.
class JpegWarnings : public dcmtk::log4cplus::Appender {
 public:
  ~JpegWarnings() override { destructorImpl(); }
  void close() override { closed = true; }

 protected:
  void append(const dcmtk::log4cplus::spi::InternalLoggingEvent& event) override {
    const std::string message(event.getMessage().c_str());
    if (internal::tells_of_lost_pixels(message)) jpeg_damage() = message;
  }
};

void set_up_dcmtk() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    OFLogger jpeg_log = OFLog::getLogger("dcmtk.dcmjpeg");
    jpeg_log.setLogLevel(OFLogger::WARN_LOG_LEVEL);
    jpeg_log.setAdditivity(false);
    jpeg_log.addAppender(dcmtk::log4cplus::SharedAppenderPtr(new JpegWarnings));
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

std::uint16_t read_number(DcmDataset& dataset, const DcmTagKey& key, std::uint16_t fallback) {
  Uint16 value = fallback;
  return dataset.findAndGetUint16(key, value).good() ? value : fallback;
}

}  // namespace

class DicomFile::Parsed {
 public:
  Parsed(std::string_view bytes, const std::string& where) : where_(where) {
    internal::check_dicom_structure(bytes, where);
    set_up_dcmtk();
    read(bytes);
    check_pixels(bytes.size());
    instance_uid = read_text(dataset(), DCM_SOPInstanceUID);
    study_uid = read_text(dataset(), DCM_StudyInstanceUID);
    patient_id = read_text(dataset(), DCM_PatientID);
  }

  /// DCMTK changes what it has parsed while it decodes: one thread at a time.
  Image frame(std::size_t index) {
    FATHOM_CHECK(index < frames);
    const std::lock_guard lock(mutex_);
    // To tell what colours JPEG decodes to, DCMTK always decodes the first frame too.
    for (const std::size_t decoded : {std::size_t{0}, index}) check_compressed(decoded);
    jpeg_damage().clear();
    DicomImage image(&dataset(), dataset().getOriginalXfer(), decoding_flags(), index, 1);
    if (image.getStatus() != EIS_Normal) {
      refuse(fmt::format("its pixels cannot be decoded ({})",
                         DicomImage::getString(image.getStatus())));
    }
    Image result = image.isMonochrome()
                       ? internal::grey_frame(dataset(), image, rows_, columns_, where_)
                       : colour_frame(image);
    if (!jpeg_damage().empty()) refuse("damaged JPEG: " + jpeg_damage());
    return result;
  }

  std::string instance_uid;
  std::string study_uid;
  std::string patient_id;
  std::size_t frames = 1;

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(where_ + ": a DICOM file: " + what);
  }

  DcmDataset& dataset() { return *file_.getDataset(); }

  void read(std::string_view bytes) {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    file_.transferInit();
    const OFCondition result = file_.read(stream, EXS_Unknown, EGL_noChange);
    file_.transferEnd();
    if (result.bad()) refuse(fmt::format("damaged: {}", result.text()));
  }

  unsigned long decoding_flags() {
    const unsigned long flags = CIF_UsePartialAccessToPixelData | CIF_NeverAccessEmbeddedOverlays;
    return internal::leaves_rescale(dataset()) ? flags | CIF_IgnoreModalityTransformation : flags;
  }

  Image colour_frame(DicomImage& image) const {
    Image result(rows_, columns_);
    if (image.getOutputData(result.rgb.data(), result.rgb.size(), 8) == 0) {
      refuse("its pixels cannot be decoded");
    }
    return result;
  }

  /// What is compressed must hold what the attributes say: DCMTK leaves the rest of the frame as it
  /// found the memory, and libjpeg would make room for any size.
  void check_compressed(std::size_t index) {
    const std::string bytes = joined_fragments(static_cast<Uint32>(index));
    if (dataset().getOriginalXfer() == EXS_RLELossless) {
      internal::check_run_lengths(bytes, std::size_t{rows_} * columns_, where_);
    } else if (!bytes.empty()) {
      check_jpeg(bytes, index);
    }
  }

  void check_jpeg(std::string_view jpeg, std::size_t index) const {
    const std::string where = fmt::format("{}: the JPEG of frame {}", where_, index);
    const Header header = internal::read_jpeg_header(jpeg, where, false);
    const bool fits = header.height == rows_ && header.width == columns_ &&
                      header.channels == samples_ && (header.bits > 8) == (bits_ > 8);
    if (fits) return;
    throw Error(fmt::format(
        "{} holds {} x {} pixels of {} samples of {} bits; the file's attributes say {} x {} of {} "
        "in {} bits",
        where, header.height, header.width, header.channels, header.bits, rows_, columns_, samples_,
        bits_));
  }

  /// The compressed bytes of a frame, "" when it is not compressed. They become one fragment, the
  /// only one in which DCMTK looks for the header; empty ones keep the places of the others.
  std::string joined_fragments(Uint32 frame) {
    DcmPixelSequence* fragments = nullptr;
    pixels_->getEncapsulatedRepresentation(dataset().getOriginalXfer(), nullptr, fragments);
    if (fragments == nullptr) return "";
    const Uint32 begin = first_fragment(frame, *fragments);
    const Uint32 end = frame + 1 < frames ? first_fragment(frame + 1, *fragments)
                                          : static_cast<Uint32>(fragments->card());
    std::string joined;
    for (Uint32 i = begin; i < end; ++i) joined += fragment(i, *fragments);
    if (end <= begin + 1) return joined;
    for (Uint32 i = begin; i < end; ++i) {
      DcmPixelItem* item = nullptr;
      fragments->getItem(item, i);
      const auto* bytes = reinterpret_cast<const Uint8*>(joined.data());
      item->putUint8Array(bytes, i == begin ? joined.size() : 0);
    }
    return joined;
  }

  Uint32 first_fragment(Uint32 frame, DcmPixelSequence& fragments) const {
    Uint32 first = 0;
    const auto count = static_cast<Sint32>(frames);
    if (DcmCodec::determineStartFragment(frame, count, &fragments, first).bad()) {
      refuse(fmt::format("frame {} of {} is not among its compressed pixels", frame, frames));
    }
    return first;
  }

  static std::string fragment(Uint32 index, DcmPixelSequence& fragments) {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    if (fragments.getItem(item, index).bad() || item->getUint8Array(bytes).bad()) return "";
    return bytes == nullptr ? "" : std::string(reinterpret_cast<char*>(bytes), item->getLength());
  }

  /// Before any decoder runs: what the attributes claim about the pixels, against the file's size.
  void check_pixels(std::size_t file_bytes) {
    if (dataset().tagExists(DCM_FloatPixelData) || dataset().tagExists(DCM_DoubleFloatPixelData)) {
      refuse("floating-point pixels have no agreed range of brightness; convert it to 16 bits");
    }
    DcmElement* found = nullptr;
    dataset().findAndGetElement(DCM_PixelData, found);
    pixels_ = dynamic_cast<DcmPixelData*>(found);
    if (pixels_ == nullptr) refuse("it holds no pixels");
    rows_ = read_number(dataset(), DCM_Rows, 0);
    columns_ = read_number(dataset(), DCM_Columns, 0);
    check_size({.height = rows_, .width = columns_}, where_);
    bits_ = read_number(dataset(), DCM_BitsAllocated, 0);
    if (bits_ != 8 && bits_ != 16) {
      refuse(fmt::format("{} bits allocated; 8 or 16 are read", bits_));
    }
    samples_ = read_number(dataset(), DCM_SamplesPerPixel, 1);
    if (samples_ != 1 && samples_ != 3) {
      refuse(fmt::format("{} samples a pixel; 1 or 3 are read", samples_));
    }
    check_frames(file_bytes);
  }

  /// Uncompressed.
  std::size_t frame_bytes() {
    // Two neighbours share their two colours (PS3.3, C.7.6.3.1.2).
    const bool shared = read_text(dataset(), DCM_PhotometricInterpretation) == "YBR_FULL_422";
    return std::size_t{rows_} * columns_ * (bits_ / 8U) * (shared ? 2U : samples_);
  }

  void check_frames(std::size_t file_bytes) {
    Sint32 claimed = 1;
    if (dataset().findAndGetSint32(DCM_NumberOfFrames, claimed).bad()) claimed = 1;
    const bool compressed = DcmXfer(dataset().getOriginalXfer()).isEncapsulated();
    constexpr std::size_t kLeastFragment = 8;
    const std::size_t needed = compressed ? kLeastFragment : frame_bytes();
    const std::size_t written =
        pixels_->getLengthField() == DCM_UndefinedLength ? 0 : pixels_->getLengthField();
    const std::size_t available = compressed ? file_bytes : written;
    if (claimed < 1 || static_cast<std::size_t>(claimed) > available / needed) {
      refuse(fmt::format("{} frames of {} x {} pixels are more than its {} bytes can hold", claimed,
                         rows_, columns_, available));
    }
    frames = static_cast<std::size_t>(claimed);
  }

  std::string where_;
  DcmFileFormat file_;
  std::mutex mutex_;
  DcmPixelData* pixels_ = nullptr;
  std::uint16_t rows_ = 0;
  std::uint16_t columns_ = 0;
  std::uint16_t samples_ = 1;  ///< of a pixel
  std::uint16_t bits_ = 0;     ///< allocated for a sample
};

DicomFile::DicomFile(std::string_view bytes, const std::string& where)
    : parsed_(std::make_unique<Parsed>(bytes, where)) {}
DicomFile::DicomFile(const std::filesystem::path& path)
    : DicomFile(read_file(path, kMaxFileBytes), path.string()) {}
DicomFile::~DicomFile() = default;

const std::string& DicomFile::instance_uid() const { return parsed_->instance_uid; }
const std::string& DicomFile::study_uid() const { return parsed_->study_uid; }
const std::string& DicomFile::patient_id() const { return parsed_->patient_id; }
std::size_t DicomFile::frames() const { return parsed_->frames; }
Image DicomFile::frame(std::size_t index) const { return parsed_->frame(index); }

}  // namespace fathom::image
