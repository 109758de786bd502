#include "fathom/data/source.h"

namespace fathom::data {

const std::vector<Source>& sources() {
  static const std::vector<Source> table = {
      {"breakhis",
       "a folder below which images are named like SOB_B_TA-14-4659-40-001.png (BreaKHis)",
       "the case: year and number of the slide, without letters after it",
       internal::recognize_breakhis, internal::open_breakhis},
      {"idc",
       "a folder below which images are named like 10253_idx5_x1001_y1001_class0.png (breast IDC, "
       "50 x 50)",
       "the patient: the number before _idx", internal::recognize_idc, internal::open_idc},
      {"kather",
       "NCT-CRC-HE-100K or CRC-VAL-HE-7K with its class folders ADI, BACK, ... TUM, or a folder "
       "with both, of which the second becomes the test part",
       "none is published; groups.csv where there is one", internal::recognize_kather,
       internal::open_kather},
      {"lc25000",
       "a folder with lung_aca, lung_n, lung_scc, colon_aca or colon_n at most three levels below "
       "(LC25000)",
       "the source tile, from groups.csv", internal::recognize_lc25000, internal::open_lc25000},
      {"kaggle_hcd",
       "a folder with train_labels.csv (id,label) and train/ID.tif (Kaggle's histopathologic "
       "cancer detection)",
       "none is published; groups.csv where there is one", internal::recognize_kaggle,
       internal::open_kaggle},
      {"pcam",
       "a folder with camelyonpatch_level_2_split_{train,valid,test}_{x,y}.h5 and ..._meta.csv "
       "(PatchCamelyon)",
       "the slide, from the column wsi of ..._meta.csv", internal::recognize_pcam,
       internal::open_pcam, internal::load_pcam},
      {"medmnist", "a .npz file with train_images, train_labels, val_... and test_... (MedMNIST)",
       "none is published", internal::recognize_medmnist, internal::open_medmnist,
       internal::load_medmnist},
      {"dicom",
       "a folder of DICOM files with labels.csv, or such a table (path,label[,group][,split])",
       "the column group, or else PatientID or the study, by a number", internal::recognize_dicom,
       internal::open_dicom, internal::load_dicom},
      {"folder",
       "a folder with one sub-folder of images per class, with or without train, valid and test "
       "folders above them",
       "groups.csv where there is one; of DICOM files else PatientID or the study, by a number",
       internal::recognize_folder, internal::open_folder},
      {"csv", "a .csv file with the columns path,label[,group][,split]", "the column group",
       internal::recognize_csv, internal::open_csv},
  };
  return table;
}

}  // namespace fathom::data
