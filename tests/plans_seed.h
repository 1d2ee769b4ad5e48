/* plans_seed.h - statements that fill a shop with 100,000 of everything that grows */
#ifndef PLANS_SEED_H
#define PLANS_SEED_H

extern const char *const plans_seed[];		/* NULL at the end */

#endif
