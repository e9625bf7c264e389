#!/bin/bash
# A sweep over the machines of one MPI job:  sbatch --ntasks=33 docs/examples/slurm/mpi.sh study.yaml
# One task deals points and writes the store, the others run points. After a requeue it goes on where it stopped.
#SBATCH --job-name=sweep
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=sweep-%j.log
set -euo pipefail
study=${1:?usage: sbatch --ntasks=N mpi.sh STUDY.yaml}
exec srun --mpi=pmix rebasis sweep "$study" -o "$(basename "$study" .yaml).store"
