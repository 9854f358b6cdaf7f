# Windows looks for programs in the current folder before the PATH.
Describe 'Processes on Windows' -Skip:($PSEdition -eq 'Core' -and -not $IsWindows) {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive/account
    }

    AfterAll { Exit-TestAccount }

    It 'starts no dotnet.exe of the current folder' {
        $folder = (New-Item -ItemType Directory $TestDrive/planted).FullName
        Copy-Item $env:SystemRoot/System32/cmd.exe $folder/dotnet.exe
        $before = [Environment]::CurrentDirectory, $env:PATH
        Push-Location $folder
        [Environment]::CurrentDirectory = $folder
        # Folders of the PATH that depend on the current one lead there too.
        $env:PATH = ".;;$($folder.Substring(2));$env:PATH"
        try { $sandbox = Start-MeshiaSandbox -Connect -ErrorAction Stop }
        finally {
            Pop-Location
            [Environment]::CurrentDirectory, $env:PATH = $before
        }

        (Get-Process -Id $sandbox.ProcessId).Path | Should -Not -BeLike "$folder*"
        Test-MeshiaConnection -Quiet | Should -BeTrue
        $sandbox | Stop-MeshiaSandbox
        Get-Process -Id $sandbox.ProcessId -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'runs the quick start' -Skip:($PSEdition -ne 'Core') {
        $null = & $PSScriptRoot/../../examples/quickstart.ps1 -Destination $TestDrive/quickstart 6>&1

        @(Get-ChildItem $TestDrive/quickstart -Recurse -File).Count | Should -BeGreaterThan 4
        Get-MeshiaSandbox | Should -BeNullOrEmpty -Because 'the quick start stops its own'
    }
}
