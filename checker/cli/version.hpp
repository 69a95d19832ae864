// Which Airlock this is.
#pragma once

#ifndef AIRLOCK_VERSION  // the build may know better
#define AIRLOCK_VERSION "0.1.0"
#endif
