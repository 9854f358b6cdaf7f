Describe 'An account that cannot run away' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        $env:MESHIA_SETTLE_SECONDS = '1'
        $sandbox = Start-MeshiaSandbox -Connect -Seed 42 -ProvisioningSeconds 0 -ExperimentSeconds 0 -RateLimit 1000 -IdleMinutes 600
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        # What the module does not do itself: the sandbox's own requests.
        function Invoke-Sandbox([string] $Method, [string] $Path, $Body) {
            $request = @{ Method = $Method; Uri = [uri]::new($sandbox.BaseUri, "/sandbox/$Path"); Headers = @{ Authorization = "Bearer $key" }; NoProxy = $true }
            if ($Body) { $request.Body = $Body | ConvertTo-Json -Compress; $request.ContentType = 'application/json' }
            Invoke-RestMethod @request
        }

        # Asked without the module, whose requests a minute the tests need.
        function Get-Live([string] $Name) {
            $answer = Invoke-RestMethod "$($sandbox.BaseUri)/sessions" -Headers @{ Authorization = "Bearer $key" } -NoProxy
            @($answer.sessions | Where-Object { $_.status -in 'provisioning', 'running' -and ($_.name -eq $Name -or $_.name -like "$Name-*") })
        }

        # Waits for what another process does; only a broken test waits long.
        function Wait-Until([scriptblock] $Condition) {
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            while (-not (& $Condition)) {
                if ($watch.Elapsed.TotalSeconds -gt 90) { throw "It did not happen: $Condition" }
                Start-Sleep -Milliseconds 200
            }
        }

        # Runs a script in a PowerShell of its own, connected to the sandbox, and gives its process.
        function Start-Owner([string] $Script, [hashtable] $Environment = @{}) {
            $file = Join-Path $TestDrive "owner-$([guid]::NewGuid().ToString('N')).ps1"
            "Import-Module '$((Get-Module Meshia).ModuleBase)'`n$Script" | Set-Content $file
            $self = [Environment]::ProcessPath
            $arguments = if ((Split-Path $self) -ne $PSHOME) { @('exec', (Join-Path $PSHOME pwsh.dll)) } else { @() }
            # Where these tests were started with SIGINT ignored, as `&` in a script does, the owner still gets it.
            if ($IsLinux) { $self, $arguments = 'env', (@('--default-signal=INT', $self) + $arguments) }
            $start = [System.Diagnostics.ProcessStartInfo]::new($self)
            $arguments + '-NoProfile', '-NonInteractive', '-File', $file | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.Environment['MESHIA_API_KEY'] = $key
            $start.Environment['MESHIA_BASE_URI'] = "$($sandbox.BaseUri)"
            foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
            $start.RedirectStandardOutput = $true
            [System.Diagnostics.Process]::Start($start)
        }
    }

    BeforeEach {
        Connect-Meshia -ApiKey (New-TestKey $sandbox) -BaseUri $sandbox.BaseUri
    }

    AfterEach { Invoke-Sandbox DELETE faults | Out-Null }

    AfterAll {
        $env:MESHIA_SETTLE_SECONDS = $null
        Exit-TestAccount
    }

    Context 'One session for a key' {
        It 'gives the second call the session of the first, and says so' {
            $first = New-MeshiaSession nightly rtx4090 -Once 'run 1'
            $second = New-MeshiaSession nightly rtx4090 -Once 'run 1' -WarningVariable warning -WarningAction SilentlyContinue

            $second.Id | Should -Be $first.Id
            $first.Adopted, $second.Adopted | Should -Be $false, $true
            "$warning" | Should -BeLike "*$($first.Id)*shared*"
            (Get-Live nightly).Count | Should -Be 1
            (Get-MeshiaSession -Once 'run 1').Id | Should -Be $first.Id
        }

        It 'finds its session after an answer that was lost' {
            Invoke-Sandbox POST faults @{ on = 'POST /sessions'; effect = 'CutAfter'; count = 1 } | Out-Null

            $session = New-MeshiaSession lost rtx4090 -Once 'run 2'

            (Get-Live lost).Id | Should -Be $session.Id
        }

        It 'starts one session where the process that created it is killed and run again' {
            $script = "New-MeshiaSession killed rtx4090 -Once 'run 3' -MaxDuration 2h -Wait | ForEach-Object Id"
            Invoke-Sandbox POST faults @{ on = 'POST /sessions'; effect = 'Delay'; seconds = 8; count = 1 } | Out-Null
            $owner = Start-Owner $script
            Wait-Until { (Get-Live killed).Count -eq 1 }
            $owner.Kill()

            $again = Start-Owner $script
            $id = $again.StandardOutput.ReadToEnd().Trim().Split("`n")[-1]

            (Get-Live killed).Id | Should -Be $id
        }

        It 'refuses a key that is <_>' -ForEach 'empty', 'blank', 'separators' {
            $once = @{ empty = ''; blank = '  '; separators = '--' }[$_]

            { New-MeshiaSession never rtx4090 -Once $once -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOnce,*'
            Get-MeshiaSession -Name never | Should -BeNullOrEmpty
        }

        It 'refuses another GPU for the same key, and starts nothing' {
            New-MeshiaSession same rtx4090 -Once 'run 4' | Out-Null

            { New-MeshiaSession same h100 -Once 'run 4' -ErrorAction Stop } | Should -Throw -ErrorId 'OnceMismatch,*'
            (Get-Live same).Count | Should -Be 1
        }

        It 'names the session that a lost answer may have created, and takes none without a key' {
            Invoke-Sandbox POST faults @{ on = 'POST /sessions'; effect = 'CutAfter'; count = 1 } | Out-Null

            New-MeshiaSession plain rtx4090 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

            $failure[0].FullyQualifiedErrorId | Should -BeLike 'outcome_unknown,*'
            "$($failure[0])" | Should -BeLike "*$((Get-Live plain).Id)*"
            $failure[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Once*'
        }
    }

    Context 'Deadlines' {
        It 'keeps the deadline in the name, and finds the session by its base name' {
            $session = New-MeshiaSession timed rtx4090 -MaxDuration 90m

            $session.BaseName | Should -Be timed
            ($session.Deadline - [DateTimeOffset]::UtcNow).TotalMinutes | Should -BeGreaterThan 88
            ($session.Deadline - [DateTimeOffset]::UtcNow).TotalMinutes | Should -BeLessThan 92
            (Get-MeshiaSession -Name timed).Id | Should -Be $session.Id
            ($session | Format-Table | Out-String) | Should -Match 'in \d+m|in 1h'
        }

        It 'refuses a bare number' -ForEach 2, '2', 'soon', '-2h' {
            { New-MeshiaSession never rtx4090 -MaxDuration $_ } | Should -Throw -ExpectedMessage '*Valid values*'
        }

        It 'stops what is past its deadline, and nothing that only looks like it' {
            $old = New-MeshiaSession old rtx4090 -MaxDuration 1m
            $new = New-MeshiaSession old rtx4090 -MaxDuration 1h
            $like = New-MeshiaSession old-u20200101t0000z-abcd rtx4090
            Invoke-Sandbox POST clock/step @{ seconds = 150 } | Out-Null

            (Get-MeshiaSession -Expired -Name old*).Id | Should -Be $old.Id
            Stop-MeshiaSession -Expired -Name old* -WhatIf
            (Get-MeshiaSession $old.Id).Status | Should -Be running
            (Stop-MeshiaSession -Expired -Wait -PassThru).Id | Should -Be $old.Id
            (Get-MeshiaSession $new.Id, $like.Id).Status | Should -Be running, running
            Stop-MeshiaSession -Expired
        }

        It 'stops what is older, if a name or -Force is given' {
            { Stop-MeshiaSession -OlderThan 1m } | Should -Throw -ErrorId 'NameRequired,*'
            $session = New-MeshiaSession aged rtx4090
            Invoke-Sandbox POST clock/step @{ seconds = 61 } | Out-Null

            (Stop-MeshiaSession -OlderThan 1m -Name aged -PassThru).Id | Should -Be $session.Id
        }

        It 'stops nothing by a clock that is far off' {
            $session = New-MeshiaSession far rtx4090 -MaxDuration 1m
            Invoke-Sandbox POST clock/step @{ seconds = 3600 } | Out-Null

            Stop-MeshiaSession -Expired -ErrorVariable failure -ErrorAction SilentlyContinue

            $failure[0].FullyQualifiedErrorId | Should -BeLike 'ClockNotTrusted,*'
            (Get-MeshiaSession $session.Id).StoppedAt | Should -BeNullOrEmpty
        }
    }

    Context 'A block that cleans up' {
        It 'gives the block a session that runs, passes its output on at once, and stops the session' {
            $seen = Use-MeshiaSession -Gpu rtx4090 -Name block -MaxDuration 1h { param($session) $session.Status; $script:inside = $session.Id } |
                ForEach-Object { "$_ $((Get-Live block).Count)" }

            $seen | Should -Be 'running 1'
            $inside | Should -Not -BeNullOrEmpty
            Get-Live block | Should -BeNullOrEmpty
            # All of its requests, also the stop.
            (Get-MeshiaRateLimit).Commands.Command | Should -Not -Contain other
            (Get-MeshiaRateLimit).Commands.Command | Should -Contain Use-MeshiaSession
        }

        It 'stops the session after <_>' -ForEach 'an error', 'an error of a command', 'return', 'break', 'continue' {
            $what = $_
            $result = foreach ($once in 1) {
                try {
                    Use-MeshiaSession -Gpu rtx4090 -Name ended {
                        'before'
                        if ($what -eq 'an error') { throw 'it broke' }
                        if ($what -eq 'an error of a command') { Write-Error 'it broke' -ErrorAction Stop }
                        if ($what -eq 'return') { return }
                        if ($what -eq 'break') { break }
                        if ($what -eq 'continue') { continue }
                        'after'
                    }
                }
                catch { "$_" }
            }

            $result | Should -Be $(if ($what -like 'an error*') { 'before', 'it broke' } else { 'before' })
            Get-Live ended | Should -BeNullOrEmpty
        }

        It 'stops the session where the next command needs no more' {
            Use-MeshiaSession -Gpu rtx4090 -Name enough { 1..3 } | Select-Object -First 1 | Should -Be 1

            Get-Live enough | Should -BeNullOrEmpty
        }

        It 'leaves a session that it only found, unless told to stop it' {
            $session = New-MeshiaSession shared rtx4090 -Once 'run 5'

            Use-MeshiaSession -Gpu rtx4090 -Name shared -Once 'run 5' { } -WarningAction SilentlyContinue
            (Get-Live shared).Id | Should -Be $session.Id
            Use-MeshiaSession -Gpu rtx4090 -Name shared -Once 'run 5' -StopAdopted { } -WarningAction SilentlyContinue
            Get-Live shared | Should -BeNullOrEmpty
        }

        It 'keeps the session running where the block of the caller that found it ends first' {
            $flag = Join-Path $TestDrive 'end-first'
            $owner = Start-Owner "Use-MeshiaSession -Gpu rtx4090 -Name shared-first -Once 'run 6' { 'ready'; while (-not (Test-Path '$flag')) { Start-Sleep -Milliseconds 200 } }"
            Wait-Until { $owner.StandardOutput.ReadLine() -eq 'ready' }

            Use-MeshiaSession -Gpu rtx4090 -Name shared-first -Once 'run 6' { } -WarningAction SilentlyContinue

            (Get-Live shared-first).Count | Should -Be 1
            New-Item $flag | Out-Null
            $owner.WaitForExit()
            Get-Live shared-first | Should -BeNullOrEmpty
        }

        It 'tells the caller that found the session when its creator has ended it, and does not hang' {
            $flag = Join-Path $TestDrive 'end-second'
            $owner = Start-Owner "Use-MeshiaSession -Gpu rtx4090 -Name shared-second -Once 'run 7' { 'ready'; while (-not (Test-Path '$flag')) { Start-Sleep -Milliseconds 200 } }"
            Wait-Until { $owner.StandardOutput.ReadLine() -eq 'ready' }

            Use-MeshiaSession -Gpu rtx4090 -Name shared-second -Once 'run 7' -WarningAction SilentlyContinue {
                param($session)
                New-Item $flag | Out-Null
                Wait-Until { (Get-Live shared-second).Count -eq 0 }
                Wait-MeshiaSession $session.Id -TimeoutSeconds 60 -ErrorVariable script:told -ErrorAction SilentlyContinue | Out-Null
            }

            $told[0].FullyQualifiedErrorId | Should -BeLike 'SessionEnded,*'
            "$($told[0])" | Should -Match 'stopp'
        }

        It 'stops the session of a creator that was killed, at the end of a re-run with -StopAdopted' {
            $owner = Start-Owner "New-MeshiaSession rerun rtx4090 -Once 'run 8' | Out-Null; 'ready'; Start-Sleep 300"
            Wait-Until { $owner.StandardOutput.ReadLine() -eq 'ready' }
            $owner.Kill()

            Use-MeshiaSession -Gpu rtx4090 -Name rerun -Once 'run 8' -StopAdopted { param($session) $script:adopted = $session.Adopted } -WarningAction SilentlyContinue

            $adopted | Should -BeTrue
            Get-Live rerun | Should -BeNullOrEmpty
        }

        It 'does not run the block where the session fails to start' {
            Invoke-Sandbox POST faults @{ on = 'session failing*'; effect = 'FailToStart' } | Out-Null

            Use-MeshiaSession -Gpu rtx4090 -Name failing { 'ran' } -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

            $failure[0].FullyQualifiedErrorId | Should -BeLike 'SessionFailed,*'
        }
    }

    Context 'Sweepers of the documentation' {
        It 'stops what is past its deadline with the script of <_>' -ForEach 'cron-and-systemd', 'task-scheduler', 'github-actions', 'azure-devops', 'azure-automation' {
            $page = Get-Content (Join-Path $PSScriptRoot "../../docs/runbooks/$_.md") -Raw
            $page -match '(?s)## Stop what is past its deadline.*?```powershell\r?\n(?<code>.*?)```' | Should -BeTrue
            $runbooks = Join-Path $TestDrive $_ runbooks
            New-Item -ItemType Directory $runbooks | Out-Null
            $file = Join-Path $runbooks sweep.ps1
            # One of its own: by a clock that the tests above have moved too far, nothing is stopped.
            $sandbox = Start-MeshiaSandbox -Connect -ProvisioningSeconds 0
            $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password
            $old = New-MeshiaSession "sweep-$_" rtx4090 -MaxDuration 1m
            $new = New-MeshiaSession "sweep-$_" rtx4090 -MaxDuration 2h
            Invoke-Sandbox POST clock/step @{ seconds = 150 } | Out-Null
            $module = (Get-Module Meshia).ModuleBase
            # The one line that only its own machine can run: where the module is.
            $code = $Matches.code -replace '(?m)^Import-Module.*$', "Import-Module '$module'"
            $stand = if ($_ -eq 'azure-automation') { "Import-Module '$module'; function Get-AutomationPSCredential { param(`$Name) [pscredential]::new('meshia', (ConvertTo-SecureString `$env:MESHIA_API_KEY -AsPlainText -Force)) }`n" }
            $stand + $code | Set-Content $file

            $owner = Start-Owner "& '$file'"
            $owner.WaitForExit()

            $owner.ExitCode | Should -Be 0
            (Get-MeshiaSession $old.Id).Status | Should -BeIn stopping, stopped
            (Get-MeshiaSession $new.Id).Status | Should -Be running
        }
    }

    Context 'A process that ends' -Skip:($IsWindows) {
        # Signals, kills and containers: tests/Chaos/Kills/OwnerKillTests.cs.
        It 'leaves a session of a plain New-MeshiaSession alone' {
            $owner = Start-Owner "(New-MeshiaSession outlives rtx4090).Id"
            $owner.WaitForExit()

            (Get-Live outlives).Count | Should -Be 1
        }

        It 'stops the session where the block ends the script, with the exit code of the block' {
            $owner = Start-Owner "Use-MeshiaSession -Gpu rtx4090 -Name exiting { function Stop-Early { exit 3 }; Stop-Early; 'after' }; 'end of script'"
            $owner.StandardOutput.ReadToEnd() | Should -BeNullOrEmpty
            $owner.WaitForExit()

            $owner.ExitCode | Should -Be 3
            Get-Live exiting | Should -BeNullOrEmpty
        }

        It 'stops a session of -StopOnExit where its owner is killed, and shows the key in no argument, environment or file' {
            $log = Join-Path $TestDrive guard.log
            $owner = Start-Owner "New-MeshiaSession exits rtx4090 -StopOnExit | Out-Null; 'ready'; Start-Sleep 300" @{ MESHIA_AUDIT_LOG = $log }
            Wait-Until { $owner.StandardOutput.ReadLine() -eq 'ready' }
            if ($IsLinux) {
                $guards = Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$' | Where-Object {
                    $_.Name -ne $owner.Id -and "$(Get-Content "/proc/$($_.Name)/cmdline" -Raw -ErrorAction Ignore)" -match 'EncodedCommand'
                }
                $guards | Should -Not -BeNullOrEmpty
                foreach ($guard in $guards) {
                    foreach ($file in 'cmdline', 'environ') {
                        "$(Get-Content "/proc/$($guard.Name)/$file" -Raw -ErrorAction Ignore)" | Should -Not -Match $key
                    }
                    # What it has open, without its assemblies: its input is a pipe.
                    $open = (Get-ChildItem "/proc/$($guard.Name)/fd" -ErrorAction Ignore).LinkTarget | Where-Object { $_ -like '/*' -and $_ -notlike '/dev/*' -and $_ -notlike '*.dll' }
                    $open | Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-String -SimpleMatch $key | Should -BeNullOrEmpty
                }
                # The state folder.
                $files = Get-ChildItem $env:MESHIA_CONFIG_PATH -Recurse -File -Force
                $files | Should -Not -BeNullOrEmpty
                $files | Select-String -SimpleMatch $key | Should -BeNullOrEmpty
            }

            & /bin/kill -s KILL $owner.Id

            Wait-Until { (Get-Live exits).Count -eq 0 }
            Wait-Until { (Get-Content $log).Count -eq 2 }
            (Get-Content $log | ConvertFrom-Json).command | Should -Be New-MeshiaSession, meshia-guard
        }

        It 'has no guard with MESHIA_NO_GUARD=1' {
            $owner = Start-Owner "Use-MeshiaSession -Gpu rtx4090 -Name unguarded { 'ready'; Start-Sleep 300 }" @{ MESHIA_NO_GUARD = '1' }
            Wait-Until { $owner.StandardOutput.ReadLine() -eq 'ready' }
            & /bin/kill -s KILL $owner.Id
            $owner.WaitForExit()

            (Get-Live unguarded).Count | Should -Be 1
        }
    }
}
