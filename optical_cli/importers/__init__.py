"""Public data sets into our files: what there is, where it comes from, and how it is converted.

- `registry` knows every set by name; `dataset` is what it knows of one.
- `fetching` downloads, resumes and remembers hashes; `source` reads a download, a folder, an
  archive or a single file alike, member by member; `schema` says where a JSON file is odd.
- `sets` holds one small file per family, with the schema that it reads and where that is
  documented; `writing` is what they write through; `importing` runs one import.
"""
