// cuDNN 9: the same functions, status codes with other numbers.

#define CUDNN_MAJOR 9
#include "library.h"
