/* No include guard: NDEBUG decides again at every inclusion. */
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) __c2rs_assert(condition)
#endif

#undef static_assert
#define static_assert _Static_assert
