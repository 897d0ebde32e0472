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
#define PERM_CELL(type, member) CELL_AS(type, perm.member, F_##member, false)
#define PERM(type) \
	PERM_CELL(type, key) PERM_CELL(type, uid) PERM_CELL(type, gid) PERM_CELL(type, cuid) \
	PERM_CELL(type, cgid) PERM_CELL(type, mode) PERM_CELL(type, seq)
/* Of struct type, whose cells are the table type_cells. */
#define LAYOUT(type) { sizeof(struct type), sizeof(type##_cells) / sizeof(*type##_cells), type##_cells }

#endif
