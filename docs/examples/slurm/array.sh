#!/bin/bash
# A sweep as a job array of N parts, and a job that joins them:  PARTS=8 docs/examples/slurm/array.sh study.yaml
# Submit the same again after failures: each part goes on where it stopped.
set -euo pipefail
study=${1:?usage: PARTS=8 array.sh STUDY.yaml}
parts=${PARTS:-8}
name=$(basename "$study" .yaml)

array=$(sbatch --parsable --job-name="$name" --array="1-$parts" --requeue --open-mode=append \
  --cpus-per-task="${CPUS:-1}" ${SBATCH_OPTIONS:-} --output="$name-%a.log" <<EOF
#!/bin/bash
exec rebasis sweep "$study" --shard "\$SLURM_ARRAY_TASK_ID/$parts" -o "$name-\$SLURM_ARRAY_TASK_ID.store" --jobs "\${SLURM_CPUS_PER_TASK:-1}"
EOF
)
# afterany: also when parts failed; what they finished is joined.
merge=$(sbatch --parsable --job-name="$name-merge" --dependency="afterany:$array" ${SBATCH_OPTIONS:-} \
  --output="$name-merge.log" <<EOF
#!/bin/bash
exec rebasis merge $(for i in $(seq "$parts"); do printf '%s-%s.store ' "$name" "$i"; done)-o "$name.store"
EOF
)
echo "array $array, then merge $merge into $name.store"
