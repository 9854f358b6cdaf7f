Describe 'Artifacts' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Start-TestSandbox | Out-Null
        $experiment = @(New-FinishedSession | Get-MeshiaExperiment -Status completed)[0]
    }

    AfterAll { Exit-TestAccount }

    It 'lists the files of an experiment' {
        ($experiment | Get-MeshiaArtifact).Name | Should -Be checkpoints/last.safetensors, metrics.json, train.log
        ($experiment | Get-MeshiaArtifact -Name *.json).ExperimentId | Should -Be $experiment.Id
    }

    It 'downloads files that are what ' {
        $artifacts = @($experiment | Get-MeshiaArtifact)

        $files = @($artifacts | Save-MeshiaArtifact -Destination $TestDrive/whole)

        $files.Count | Should -Be $artifacts.Count
        foreach ($file in $files) {
            $announced = $artifacts | Where-Object Id -eq $file.ArtifactId
            (Get-FileHash -LiteralPath $file.Path -Algorithm SHA256).Hash | Should -Be $announced.Sha256
            (Get-Item -LiteralPath $file.Path).Length | Should -Be $announced.SizeBytes
            $file.Verified | Should -Be Sha256
        }
    }

    It 'keeps the folders of a name, and with -Flat makes it one file name' {
        $artifact = $experiment | Get-MeshiaArtifact -Name checkpoints/*

        $kept = $artifact | Save-MeshiaArtifact -Destination $TestDrive/kept
        $flat = $artifact | Save-MeshiaArtifact -Destination $TestDrive/kept -Flat

        $kept.Path | Should -Be ([IO.Path]::Combine("$TestDrive", 'kept', $experiment.Id, 'checkpoints', 'last.safetensors'))
        $flat.Path | Should -Be ([IO.Path]::Combine("$TestDrive", 'kept', $experiment.Id, 'checkpoints%2Flast.safetensors'))
        ($artifact | Save-MeshiaArtifact -Destination $TestDrive/kept).Verified | Should -BeIn Manifest, Sha256
        (Get-ChildItem -LiteralPath $TestDrive/kept -Recurse -Force -Filter .meshia-artifacts).Count | Should -Be 1
    }

    It 'keeps a right file, refuses to replace another, and replaces it with -Force' {
        $artifact = $experiment | Get-MeshiaArtifact -Name metrics.json
        $file = $artifact | Save-MeshiaArtifact -Destination $TestDrive/again

        ($artifact | Save-MeshiaArtifact -Destination $TestDrive/again).Downloaded | Should -BeFalse
        Set-Content -LiteralPath $file.Path 'something else'
        $artifact | Save-MeshiaArtifact -Destination $TestDrive/again -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'FileError,*'
        Get-Content -LiteralPath $file.Path | Should -Be 'something else'
        ($artifact | Save-MeshiaArtifact -Destination $TestDrive/again -Force).Downloaded | Should -BeTrue
        (Get-FileHash -LiteralPath $file.Path).Hash | Should -Be $artifact.Sha256
    }

    It 'downloads nothing with -WhatIf' {
        $experiment | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $TestDrive/nothing -WhatIf

        "$TestDrive/nothing" | Should -Not -Exist
    }

    It 'leaves nothing behind of a file that is not there' {
        Save-MeshiaArtifact art_of_nobody -Destination $TestDrive/none -ErrorVariable failure -ErrorAction SilentlyContinue

        $failure[0].FullyQualifiedErrorId | Should -BeLike 'artifact_not_found,*'
        Get-ChildItem $TestDrive/none | Should -BeNullOrEmpty
    }

    It 'saves relative to the current location' {
        Push-Location $TestDrive
        try { $file = $experiment | Get-MeshiaArtifact -Name *.json | Save-MeshiaArtifact -Destination ./here }
        finally { Pop-Location }

        $file.Path | Should -Exist
        [System.IO.Path]::GetFullPath($file.Path) | Should -BeLike ([System.IO.Path]::Combine((Get-Item $TestDrive).FullName, 'here', '*'))
    }
}
