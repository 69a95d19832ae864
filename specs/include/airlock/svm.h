/* to be filled in: the types, constants and intrinsics of the machine */
