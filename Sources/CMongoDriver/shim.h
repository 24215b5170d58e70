#pragma once
#include <libmongoc-1.0/mongoc/mongoc.h>
