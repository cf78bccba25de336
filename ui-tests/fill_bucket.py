"""Fills a public bucket of an S3 gateway with one of the sample images: ``fill_bucket.py ENDPOINT BUCKET FOLDER NAME``.

The bucket lets anybody read and list, and pages of any origin read, as the archives' buckets do.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

endpoint, bucket, folder, name = sys.argv[1:]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIDTEST",
    aws_secret_access_key="SECRETTEST",
    config=Config(s3={"addressing_style": "path"}, max_pool_connections=16),
)
s3.create_bucket(Bucket=bucket)
statement = [
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"},
]
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
rule = {
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedOrigins": ["*"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag", "Content-Range", "Content-Length"],
}
s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
root = Path(folder)
files = [path for path in (root / name).rglob("*") if path.is_file()]


def put(path: Path) -> None:
    s3.put_object(Bucket=bucket, Key=str(path.relative_to(root)), Body=path.read_bytes())


with ThreadPoolExecutor(8) as pool:
    list(pool.map(put, files))
print(len(files))
