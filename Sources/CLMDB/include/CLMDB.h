// LMDB behind one door: HubStorage is the only importer.
#pragma once
#include <lmdb.h>
