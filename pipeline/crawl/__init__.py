"""From the files a user named to decoded captures: inputs, WARC and ARC records, damage, charsets."""
