// cuDNN 8.

#define CUDNN_MAJOR 8
#include "library.h"
