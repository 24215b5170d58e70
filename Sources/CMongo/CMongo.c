#include "CMongo.h"
