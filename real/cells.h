/* How members of a structure become the cells of its layout: for the files that declare such structures. */
#ifndef CELLS_H
#define CELLS_H

#define CELL_AS(type, member, what, high) \
	{ offsetof(struct type, member), sizeof(((struct type *)0)->member), what, \
	  !((__typeof__(((struct type *)0)->member))-1 > 0), high },
#define CELL(type, member) CELL_AS(type, member, F_##member, false)
/* Its value is not told. */
#define SILENT(type, member) CELL_AS(type, member, NFIELDS, false)
/* Two members, the low and the high half. */
#define HALVES(type, member) CELL(type, member) CELL_AS(type, member##_high, F_##member, true)
/* A member whose name begins with a prefix. */
#define NAMED(type, prefix, field) CELL_AS(type, prefix##field, F_##field, false)
/* The structure perm in it, whose members key and seq have names of their own in some headers. */
#define OWNER(type, perm, KEY, SEQ) \
	CELL_AS(type, perm.KEY, F_key, false) CELL_AS(type, perm.uid, F_uid, false) \
	CELL_AS(type, perm.gid, F_gid, false) CELL_AS(type, perm.cuid, F_cuid, false) \
	CELL_AS(type, perm.cgid, F_cgid, false) CELL_AS(type, perm.mode, F_mode, false) \
	CELL_AS(type, perm.SEQ, F_seq, false)
/* Of struct type, whose cells are the table type_cells. */
#define LAYOUT(type) { sizeof(struct type), sizeof(type##_cells) / sizeof(*type##_cells), type##_cells }

#endif
