"""/operations/, and the forms that ask for one."""
